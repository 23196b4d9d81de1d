"""What Faker, whose makers know nothing of Verdict, makes of our kinds: JSON lines of kind and value, the same every time.

Its Aadhaar numbers are left out: they end in Luhn's digit, real ones in Verhoeff's.
"""

import json

from faker import Faker

COUNT = 40
PROVIDERS = {
    "payment.card": ("en_US", "credit_card_number"),
    "payment.iban": (("de_DE", "fr_FR", "es_ES", "it_IT", "en_GB", "nl_NL", "pl_PL", "pt_PT"), "iban"),
    "personal.email": (("en_US", "de_DE", "pt_BR"), "email"),
    "personal.ip_address": ("en_US", "ipv4_public"),
    "personal.national_id.us_ssn": ("en_US", "ssn"),
    "personal.national_id.us_itin": ("en_US", "itin"),
    "personal.national_id.fr_nir": ("fr_FR", "ssn"),
    "personal.national_id.it_codice_fiscale": ("it_IT", "ssn"),
    "personal.national_id.es_dni": ("es_ES", "nif"),
    "personal.national_id.es_nie": ("es_ES", "nie"),
    "personal.national_id.nl_bsn": ("nl_NL", "ssn"),
    "personal.national_id.pl_pesel": ("pl_PL", "pesel"),
    "personal.national_id.be_nrn": ("nl_BE", "ssn"),
    "personal.national_id.se_personnummer": ("sv_SE", "ssn"),
    "personal.national_id.br_cpf": ("pt_BR", "cpf"),
    "personal.national_id.br_cnpj": ("pt_BR", "cnpj"),
}


def main():
    Faker.seed(20261125)
    for kind, provider in PROVIDERS.items():
        locales, method = provider
        fakers = [Faker(locale) for locale in ([locales] if isinstance(locales, str) else locales)]
        for i in range(COUNT):
            print(json.dumps([kind, getattr(fakers[i % len(fakers)], method)()]))


main()
