"""Presidio's pattern recognisers over texts, without a model: JSON lines of strings in, JSON lines of findings out.

A blank spaCy pipeline gives the words around a finding, which raise its score as they would with a model; names of people
and places, which need a model, are left out. All countries' recognisers run on all texts, as there is no model to tell
a language.
"""

import inspect
import json
import logging
import sys

import spacy
import tldextract

# It would fetch a list of domains otherwise.
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
logging.disable(logging.CRITICAL)

from presidio_analyzer import AnalyzerEngine, PatternRecognizer, RecognizerRegistry, predefined_recognizers  # noqa: E402
from presidio_analyzer.nlp_engine import SpacyNlpEngine  # noqa: E402
from presidio_analyzer.predefined_recognizers import PhoneRecognizer  # noqa: E402


@spacy.Language.component("lowercase")
def lowercase(doc):
    """Context is looked for among lemmas."""
    for token in doc:
        token.lemma_ = token.lower_
    return doc


class BlankEngine(SpacyNlpEngine):
    def __init__(self):
        super().__init__()
        pipeline = spacy.blank("en")
        pipeline.add_pipe("lowercase")
        self.nlp = {"en": pipeline}


def recognizers():
    for _, cls in inspect.getmembers(predefined_recognizers, inspect.isclass):
        if issubclass(cls, PatternRecognizer) and cls is not PatternRecognizer:
            yield cls(supported_language="en")
    regions = ["US", "GB", "DE", "FR", "ES", "PT", "BR", "IT", "IN", "NL", "PL", "SE", "CH"]
    yield PhoneRecognizer(supported_language="en", supported_regions=regions)


def main():
    registry = RecognizerRegistry(recognizers=list(recognizers()), supported_languages=["en"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=BlankEngine(), supported_languages=["en"])
    for line in sys.stdin:
        found = engine.analyze(json.loads(line), language="en")
        print(json.dumps([[one.entity_type, one.start, one.end, one.score] for one in found]))


main()
