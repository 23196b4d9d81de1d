import type { RiskKind } from './kinds.ts';

/**
 * What people write to turn a model against its instructions, by language, as templates over sets of words:
 *   {set}      one of the set's words
 *   {set!}     the same, and the scan looks for it: a template holds exactly one
 *   {set:4}    none to four of them
 *   {..20}     up to twenty letters of anything
 *   {^set}     none of the set's words here
 * Words are folded (fold.ts) and without spaces, so case, accents, punctuation and line breaks don't matter. In the sets with
 * `!`, a capital begins the five letters that the scan looks for, a rare stretch of the word; of Han and kana the last two.
 */
export interface Language {
  sets: Readonly<Record<string, string>>;
  phrases: readonly (readonly [name: string, kind: RiskKind, confidence: number, template: string])[];
}

const en: Language = {
  sets: {
    ignore:
      'Ignore|Ignoring|dIsregard|Forget|oVerride|Bypass|Overlook|nEglect|donOt follow|dO not obey|donT follow|don T obey|stOp following|stOp obeying|no Attention to|Discard|Disobey|set aSide|put aSide|Abandon|circuMvent|deviaTe from|do not Adhere to|do not Comply with|no longeR follow|no longer Obey|Never mind|do not bE bound by|not boUnd by|do not Respect|unlEarn|droP your|drop aLl|Erase|Revoke|suspEnd your|reset your',
    fill: 'all|any|of|the|your|my|our|these|those|every|each|and|other|set|everything|in|this|that|such|system|safety|security|content|current|entire|whole|or|please|previous|prior|instructions|rules|to|given|ethical|built|own|internal',
    before:
      'previous|prior|preceding|above|earlier|foregoing|former|existing|original|initial|system|past|developer|safety|old|operator',
    yours: 'your|all|the above',
    your: 'your|the content|the safety|the moderation|you|system',
    thing:
      'instruction|prompt|rule|direction|guideline|command|directive|constraint|restriction|programming|policies|context|message|training|guardrail|guidance|orders|conversation|text',
    duty: 'objective|task|goal|mission|persona|role|safeguard|filter|ethic|moral|polic|protocol|limit|boundar|norms|configuration|preamble|assignment|principle|moderation|guidance|guardrail|training|restriction|safety|alignment|censor',
    above: 'above|previous|preceding|foregoing',
    instead: 'and|instead|then|just',
    order:
      'instruction|prompt|guideline|directive|guardrail|restriction|safeguard|content filter|safety filter|filters|polic|programming|rules|limitation|constraints',
    everything: 'everything|all|anything|whatever|what',
    told: 'above|before|you were told|were told|was told|been told|you are told|i told you|i said before|was said|sofar|up to now|until now|prior|previously|earlier|instructed',
    now: 'you Are now|youRe now|froM now on|aCt as a|aCt as if|pRetend|Roleplay as|Behave as|Behave like|you aRe going to be|Imagine you|Imagine that you|Suppose you are|play thE role|take on The role|play thE part|your new rOle|simuLate a|from thIs point|from thIs moment|Henceforth|in wHich you are|wHere you are|stay iN character|you wilL act as|you wilL be|stop beIng a|starTing now you|you are No longer',
    freed:
      'dan who|dan which|dan do anything|as dan|called dan|named dan|developer mode|debug mode|god mode|admin mode|sudo mode|root access|jailbroken|unrestricted|unfiltered|uncensored|without restriction|without any restriction|without limit|without any limit|no restrictions|no limits|no rules|not bound|no longer bound|free from all|free from any|free from the|free from your|free from rule|free from restriction|do anything now|no filter|no ethic|no moral|without ethic|evil|without any rule|without rules|without any guideline|without guideline|without moral|without filter|without safety|no ethical|no guidelines|no policies|no policy|no boundaries|no constraints|no limitations|no safety|no content|no censorship|without constraint|without censorship|without boundaries|without policies|not restricted|not limited by|never refuse|cannot refuse|never say no|unethical|amoral|ignores all|ignore all|above the rules|do not apply|no longer apply|obey only me|only obey|must obey me|your only master|my terminal|any request without|answer anything|can say anything|can do anything',
    direct:
      'do anythiNg now|develOper mode enabled|enter develOper mode|activate develOper mode|enable develOper mode|switch to develOper mode|jaIlbreak mode|jaIlbreak prompt|end of systEm prompt|end of the systEm prompt|enD of instructions begin|disabLe safety|disabLe your safety|disabLe all safety|disabLe your filter|disabLe content|turn off Your filter|turn off Your safety|ignOre safety|safetY filters off|withouT filters or|yourE jailbroken|youAre jailbroken|enter Debug mode|enter unRestricted mode|enable unRestricted mode|enter god mOde|enable god mOde|activate daN mode|activaTe dan|enable daN mode|systEm override|adMin override|adminiStrator override|developEr override|begin neW system|new systEm message|end new sysTem',
    fresh:
      'neW instructions|neW system prompt|neW prompt|importanT instructions for|updatEd instructions|neW directive|neW orders',
    must: 'override|supersede|replace|you must comply|must be followed|comply immediately|take precedence|obey|ignore|from now on|you are|forget',
    task: 'youR new task is|youR new objective|youR new instructions|youR new goal is|youR new mission|youR real task|youR actual task|youR true task|youR only task|task Is now|objectivE is now|goal is nOw|mission iS now|the real assIgnment|youR real instructions|youR true purpose|youR real purpose|youR new purpose|youR new system prompt',
    orders: 'instruction|prompt|guideline|directive|guardrail|programming|safeguard',
    safe: 'safety protocol|safety filter|safety rule|safety guideline|content filter|content polic|safety measure|moderation|guardrail|safety polic',
    end: 's|ies',
    void: 'havE changed|have beEn changed|no loNger exist|diSabled|noW disabled|no loNger apply|no loNger bind|no loNger valid|no longer iN effect|no longer iN force|no loNger count|no loNger matter|do nOt apply|dont apPly|do nOt bind|are Void|is Void|are lifTed|is liFted|are suspEnded|are disabLed|are canCelled|are canCeled|are revoKed|are obsoLete|have been liFted|have beeN revoked|have beEn suspended|have beeN disabled|have beEn replaced|have been oVerridden|have beEn superseded|have beEn updated|have beEn removed|have been delEted|never exIsted|do nOt exist|was oNly a test|were oNly a test|was a tEst|are turned Off|have been turNed off',
    excused:
      'you do not need To obey|you do not neEd to follow|you dont neEd to follow|you do not havE to follow|you dont havE to follow|you do not havE to obey|you no longer Have to|you no longeR need to|you are not Bound by|you arE no longer bound|you are frEe from|you are freEd from|you are not Required to follow|you maY ignore|you shOuld ignore|you musT ignore|you are alloWed to ignore|you can ignOre|you are exEmpt from',
    authority:
      'your|system prompt|developer|operator|openai|anthropic|your creator|previous|earlier|safety|content polic|moderation|guardrail|ethic|restriction',
    ai: 'if you aRe an ai|if youRe an ai|if you aRe a language model|if you aRe a large|if you aRe an llm|if you are aN assistant|if you are a chaTbot|if yOu are an agent|attentioN ai assistant|attentioN ai agent|attentioN ai model|attenTion llm|attention lanGuage model|attention all Ai|instructions foR ai agents|instructions foR ai assistants|instructions For llms|instructions for langUage models|instruction For the ai|instructions For the ai|instruction foR the assistant|instructions foR the assistant|instruction to tHe assistant|instructions to tHe assistant|note To ai agents|note To ai assistants|note tO the ai|notE to the assistant|notE to assistant|note to Llms|note To the bot|note To all bots|message To the bot|instructions For the bot|message tO the ai reading|message tO the assistant|message For the ai|ai agenTs reading this|ai assistanT reading this|dear lanGuage model|dear aI assistant|hey aI assistant|hello aI assistant|dear aI model|hey cHatgpt|hey asSistant',
    model:
      'llm|llms|language model|language models|assistant|assistants|chatbot|an ai|any ai|the ai|all ai|ai agent|ai agents|ai model|ai models|ai system|ai systems|ai tool|ai tools|gpt|chatgpt|copilot|claude|gemini|the model|the agent|any agent',
    reading:
      'readinG this|thaT reads this|who reAds this|parsinG this|thaT parses this|processiNg this|that proCesses this|summarizIng this|summarisIng this|thaT summarizes|thaT summarises|analyzIng this|analysIng this|reviewinG this|indexinG this|scanniNg this|crawliNg this|asked aBout this|evaluatiNg this',
    conceal:
      'do noT tell the user|donT tell the user|withouT telling the user|withoUt informing the user|do noT inform the user|do nOt mention this to the user|donT mention this to the user|do noT reveal this to|seCret from the user|withouT asking the user|do not Mention it to the user|donT mention it to the user|do not Mention that to the user|without menTioning this|do not lEt the user know|dont lEt the user know|without the User knowing|without the users Knowledge|do not aLert the user|do not notiFy the user|without notiFying the user|hide thIs from the user|keep thIs from the user|keep thIs hidden from|hide thIs sentence|hide thIs instruction|hide tHese instructions|do not mentioN these instructions|do not mentioN this instruction|do not disclOse these instructions|never menTion this to|the user Must not know|the user should nOt know|do not revEal that you were told|do not ask the usEr|skip eVery confirmation|skip aLl confirmation|skip thE confirmation|without user conSent|without the users conSent|without asking for coNfirmation|without asking for peRmission',
    decode:
      'decodE this|decodE the following|decodE and|decodE it|decodE the base|decodE the string|decodE the text|decoDing this|base sixty four decode|decipHer this|decipHer the|decrypT this|decrypT the following|unscraMble this',
    obeyed:
      'do what it says|do what is says|do as it says|follow it|follow the instruction|follow what|follow its|obey|execute the instruction|execute it|execute what|carry out|comply with|act on it|act accordingly|perform what',
    leak: 'Exfiltrate|transmiT the|transmiT all|transmiT any|forwarD the|forwarD all|forwarD any|forwarD your|uploaD the|uploaD all|send me All|send aLl|send The|send Any|send Your|leaK the|leaK all|post thE|post aLl|mail thE|email tHe|email alL|emaIl any|includE the|appenD the|encodE the|copy tHe|collecT the|collecT all',
    loot: 'password|credential|api key|secret key|secrets|access token|private key|ssh key|environment variable|conversation|chat history|chat log|message history|users data|user data|system prompt|session token|cookies|personal data|customer data|previous messages',
    away: 'to http|to https|to the url|to this url|to the following|to the address|to this address|to attacker|to evil|to my server|to this server|to our server|to the webhook|to this webhook|to this email|to the email|in the url|in a url|into the url|as a query|as query|as a parameter|as parameter|in an image|in a markdown|to www|to me at|in this chat',
    show: 'repeat|reveal|show|print|output|display|tell|give|share|write|leak|dump|expose|disclose|what is|what are|whats|what were|what was|what does|recite|return|copy|paste|list|summarize|summarise|translate|provide|describe|explain|send|extract|quote|encode|read|reproduce|spell out|type|rephrase|paraphrase|recall|echo|divulge|dictate|enumerate|state|regurgitate|continue with|cite|convert|transcribe|include|see|know|view',
    filler:
      'me|us|all|of|the|your|back|out|to|exact|exactly|full|entire|whole|complete|verbatim|word for word|in|contents|content|text|please|initial|original|first|current|a|copy|and|hidden|secret|system|every|everything|any|that|words|very|exact wording|wording|rules|instructions|stands|is|at|what|which|about|base|rot',
    prompt:
      'systEm prompt|systeM message|systEm instructions|initiAl prompt|initiAl instructions|originAl instructions|originAl prompt|hiddEn instructions|hiddEn prompt|secrEt instructions|secrEt prompt|developEr message|developeR prompt|developeR instructions|internAl instructions|youR prompt|yoUr preprompt|yoUr custom instructions|prompT above|worDs above|texT above|everythinG above|instructionS above|aboVe instructions|instructions yoU were given|instructions yoU received|instructions yoU got|instructions yoU have|instructions yoU follow|instructions yoU are following|prompt yoU were given|prompt thaT configures|prompt thaT defines|prompt thaT you|rules yoU were given|rules yoU are following|rules yoU follow|guidelines yoU were given|guidelines yoU follow|operator gaVe you|developer gaVe you|developers gaVe you|creators gaVe you|your inItial message|your iniTial instructions|your underlyIng instructions|your preaMble|youR system|your configuraTion prompt|contents of youR context|your contExt window|top of youR context|top of tHis conversation|beginning of thIs conversation|start of thIs conversation|before thIs conversation|before thE conversation|before my First message|before tHis message|aboVe this line|above this mesSage|preceding mesSages|first Message in|first messAge of this conversation|given to You before|told to yoU before|you were told beFore|the conFidential instructions|your hiddEn instructions|your hiddEn rules|your seCret instructions|your seCret rules|your internal promPt|your internal insTructions|instructions youVe been given|instructions youVe received|rules youVe been given|yoUr initial setup|yoUr first instructions|your insTructions verbatim|your orIginal',
    asked:
      'how weRe you instructed|how were you conFigured|how were you proMpted|what were you tOld to do|what were you tOld not|what were you tOld before|what have you bEen told|what have you bEen instructed|what do your inStructions say|what does your proMpt say|what insTructions were you|what insTructions do you|what insTructions did you|what insTructions have you|which insTructions do you|which insTructions did you|which insTructions were you|which rUles do you follow|what rUles do you follow|what rUles were you given|what guIdelines do you follow|what is in yOur system',
    loose: 'yoUr instructions|youR guidelines|yoUr directives',
    use: 'for|on how|to reach|to the|to get',
    start: 'starting with|beginning with|start with|begin with',
    began: 'your answEr with|your rePly with|your respoNse with|your outpuT with',
  },
  phrases: [
    ['override', 'prompt_injection', 0.9, '{ignore!}{fill:6}{before}{fill:3}{thing}'],
    ['override-all', 'prompt_injection', 0.7, '{ignore!}{fill:2}{yours}{fill:3}{thing}'],
    ['override-duty', 'prompt_injection', 0.6, '{ignore!}{fill:2}{your}{fill:3}{duty}'],
    ['override-given', 'prompt_injection', 0.7, '{ignore!}{fill:3}{thing}s{..10}you'],
    ['override-loose', 'prompt_injection', 0.5, '{ignore!}{..20}{before}{..8}{order}'],
    ['above', 'prompt_injection', 0.7, '{ignore!}{fill:2}{above}{instead}'],
    ['forget', 'prompt_injection', 0.7, '{ignore!}{fill:1}{everything}{..14}{told}'],
    ['void', 'prompt_injection', 0.6, 'your{fill:3}{order}{..16}{void!}'],
    ['void-before', 'prompt_injection', 0.6, '{before}{fill:2}{orders}{..12}{void!}'],
    ['void-safety', 'prompt_injection', 0.6, '{safe}{end:1}{..4}{void!}'],
    ['void-you', 'prompt_injection', 0.6, '{order}{..6}you{..30}{void!}'],
    ['excused', 'prompt_injection', 0.6, '{excused!}{..12}{authority}'],
    ['persona', 'prompt_injection', 0.8, '{now!}{..48}{freed}'],
    ['jailbreak', 'prompt_injection', 0.8, '{direct!}'],
    ['new-instructions', 'prompt_injection', 0.4, '{fresh!}'],
    ['new-instructions-must', 'prompt_injection', 0.7, '{fresh!}{..20}{must}'],
    ['new-task', 'prompt_injection', 0.6, '{task!}'],
    ['to-the-model', 'prompt_injection', 0.6, '{ai!}'],
    ['to-the-reader', 'prompt_injection', 0.6, '{model}{reading!}'],
    ['conceal', 'prompt_injection', 0.6, '{conceal!}'],
    ['decode', 'prompt_injection', 0.6, '{decode!}{..40}{obeyed}'],
    ['exfiltrate', 'prompt_injection', 0.6, '{leak!}{..24}{loot}{..40}{away}'],
    ['extract', 'system_prompt_extraction', 0.8, '{show}{filler:6}{prompt!}'],
    ['extract-own', 'system_prompt_extraction', 0.8, '{show}{filler:6}{loose!}{^use}'],
    ['extract-loose', 'system_prompt_extraction', 0.5, '{show}{..20}{prompt!}'],
    ['extract-asked', 'system_prompt_extraction', 0.7, '{asked!}'],
    ['extract-start', 'system_prompt_extraction', 0.9, '{prompt!}{..12}{start}{..4}you are'],
    ['extract-answer', 'system_prompt_extraction', 0.7, '{began!}{..6}you are'],
  ],
};

const de: Language = {
  sets: {
    ignore:
      'Ignoriere|Ignorieren|Ignorier|mIssachte|mIssachten|vErgiss|vErgesse|vErgessen|vErgesst|Umgehe|Umgehen|üBerschreibe|üBergehe|Beachte nicht|Befolge nicht|Folge nicht|ignoriErt|halte dicH nicht an|halten sie sich niCht an|Hinwegsetzen|setZe dich über|setz Dich über|setzen sie sich übeR|verWirf|Verwerfe|überspRinge|hebe deiNe|Schere dich nicht um|befoLgst nicht|nicht mEhr an',
    fill: 'alle|aller|alles|die|der|den|das|deine|deiner|deinen|meine|meiner|ihre|eure|bitte|sämtliche|sämtlichen|von|mir|dir|und|jetzt|nun|dabei|einfach|system|sicherheits|gegebenen|erhaltenen|mehr|nicht|sofort|sich|euch|über|hinweg|um',
    before:
      'vorherig|bisherig|vorig|vorhergehend|obig|früher|vorangegangen|ursprünglich|anfänglich|alle|sämtliche|deine|system|vorgegeben|gegeben|bekommen|erhalten|hinterlegt|eigenen|sicherheits|entwickler',
    end: 'e|en|er|es|n|s',
    thing:
      'anweisung|instruktion|regel|vorgabe|befehl|prompt|richtlinie|weisung|einschränkung|nachricht|aufforderung|leitlinie|schranke|filter|auftrag|aufgabe|sicherheitsmaßnahme|grundsätze|programmierung|einstellung',
    told: 'gesagt|oben|vorher|bisher|zuvor|davor|stand|steht|gelernt',
    prompt:
      'systEmprompt|systEm prompts|systEmanweisung|systeMnachricht|systEminstruktion|deiNe anweisungen|deiNer anweisungen|deiNe instruktionen|deiNen prompt|ursprünglichEn anweisungen|verstecktEn anweisungen|geheimEn anweisungen|anweisunGen die du|instruktioNen die du|regeLn die du|vorgabeN die du|deiNe vorgaben|deiNe regeln|deiN prompt|deiNe konfiguration|deiNem prompt|deiNem kontext|vor dieser unterhaLtung|vor diesem gespRäch|am anfanG dieser unterhaltung|am anfanG dieses gesprächs|ersten nachRicht dieser',
    show: 'zeige|zeig|gib|gebe|nenne|verrate|wiederhole|drucke|schreibe|was ist|was sind|wie lautet|wie lauten|übersetze|liste|offenbare|teile|sag|kopiere',
    now: 'du biSt jetzt|aB jetzt|tu so alS ob du|verhaLte dich|spIele die rolle|ab sofoRt|von nUn an|voN jetzt an|stell Dir vor du|stelLe dir vor|du bIst nun|tU so als',
    freed:
      'entwicklermodus|ohne einschränkung|ohne regel|ohne filter|uneingeschränkt|unzensiert|keine regeln|keine einschränkung|jailbreak|ohne jede einschränkung|keinerlei|keine filter|keine grenzen|ohne grenzen|ohne tabus|ohne moral|ohne sicherheits|keine moral|alles darf|alles tun|gelten nicht|nicht mehr gebunden',
    order: 'regel|anweisung|vorgabe|richtlinie|einschränkung|beschränkung|filter|instruktion|leitlinie',
    void: 'nichT mehr|außEr kraft|aufgehoBen|ungülTig|hinfälLig|nicht länGer|entfaLlen|abgeschalTet|deaktivIert',
    your: 'deine|ihre|alle|bisherigen|vorherigen|die bisherigen|die vorherigen',
    address:
      'wenn dU eine ki|falls dU eine ki|falls dU ein sprachmodell|wenn dU ein sprachmodell|an alle kI|hinweiS an die ki|anweisunG an die ki|an deN assistenten|ki die dieSen|assistenT der diesen|sprachmodelL das diesen',
    conceal:
      'sag Dem nutzer nichts|sage dem nuTzer nicht|ohne dem nuTzer|verrate dem nuTzer nicht|erwähne Dies nicht|dem nutzer nIcht mitteilen|ohne den nuTzer|ohne nachzufRagen den|ohne wissen des nuTzers',
    neu: 'neUe anweisung|neUe instruktion|deiNe neue aufgabe|deiNe eigentliche aufgabe|deiNe wahre aufgabe|deiN neuer auftrag|deiN neues ziel',
    asked:
      'welche aNweisungen hast du|welche aNweisungen wurden dir|welche vOrgaben hast du|welche rEgeln befolgst du|welche rEgeln hast du|was wurde dir vOrgegeben|was steHt in deinem prompt|was steht in deiNen anweisungen|wie wurdest dU angewiesen|wie wurdest dU konfiguriert',
  },
  phrases: [
    ['override', 'prompt_injection', 0.9, '{ignore!}{fill:5}{before}{end:2}{fill:3}{thing}'],
    ['override-end', 'prompt_injection', 0.8, '{before}{end:2}{fill:2}{thing}{end:1}{..8}{ignore!}'],
    ['forget', 'prompt_injection', 0.7, '{ignore!}{fill:2}alles{..20}{told}'],
    ['persona', 'prompt_injection', 0.8, '{now!}{..48}{freed}'],
    ['extract', 'system_prompt_extraction', 0.8, '{show}{..20}{prompt!}'],
    ['void', 'prompt_injection', 0.6, '{your}{fill:2}{order}{end:2}{..12}{void!}'],
    ['void-first', 'prompt_injection', 0.6, 'gelten{..10}{order}{end:1}{..10}{void!}'],
    ['to-the-model', 'prompt_injection', 0.6, '{address!}'],
    ['conceal', 'prompt_injection', 0.6, '{conceal!}'],
    ['new-task', 'prompt_injection', 0.6, '{neu!}'],
    ['extract-asked', 'system_prompt_extraction', 0.7, '{asked!}'],
  ],
};

const fr: Language = {
  sets: {
    ignore:
      'Ignore|oUblie|ne tienS pas compte|ne teneZ pas compte|faiS abstraction|faiteS abstraction|ne suiS pas les|ne suiveZ pas|désObéis|coNtourne|ne tienS plus compte|ne teneZ plus compte|ne respecTe pas|ne respecTez pas|ne respecTe plus|ne suiS plus|ne suiveZ plus|n obeis plUs|laissE de côté|laisseZ de côté|fais fI de|passe ouTre|passeZ outre|affranchIs toi|abandOnne',
    fill: 'toutes|tous|tout|les|tes|vos|mes|ces|de|des|la|le|ce|et|qui|reçues|fournies|données|z|s|r|ta|ton|absolument|immédiatement|aux|ton|que|tu|avais|as|avez|vous',
    thing:
      'instruction|consigne|règle|directive|ordre|message|prompt|invite|commande|restriction|contrainte|limite|filtre|objectif|tâche|mission|garde fou|politique|paramètr',
    end: 's|e|es',
    before:
      'précédent|antérieur|ci dessus|initial|davant|préalable|plus haut|dorigine|du système|système|passées|reçu|donné|fourni|jusqu|ton développeur',
    yours: 'tes|vos|toutes les|tous les|ton|ta|votre|les',
    told: 'précède|au dessus|avant|dit|jusqu|plus haut|ci dessus',
    prompt:
      'promPt système|messaGe système|instructionS système|consigneS système|teS instructions|voS instructions|instructionS initiales|consigneS initiales|invitE système|instructionS cachées|prompT initial|instructions duSysteme|tOn prompt|votrE prompt|teS consignes|voS consignes|teS directives|règleS que tu|instructions que tU|consignes quE tu|instructions qUe vous|avant cettE conversation|début de cettE conversation|début dE la conversation|ta coNfiguration',
    show: 'affiche|montre|révèle|répète|donne|écris|quel est|quelles sont|quels sont|dis moi|imprime|traduis|recopie|liste|partage|divulgue',
    now: 'tU es maintenant|vouS etes maintenant|désOrmais|à partIr de maintenant|faiS comme si|agiS comme|faIs semblant|tU joues le rôle|tU deviens|imagiNe que tu|dorénaVant|à comptEr de maintenant',
    freed:
      'mode développeur|sans restriction|sans filtre|sans limite|sans aucune|aucune règle|aucune restriction|non censuré|jailbreak|libre de toute|plus aucune|plus de restriction|plus de règle|plus de limite|ni règle|ni limite|sans règle|sans morale|sans éthique|sans contrainte|sans censure',
    order: 'règle|instruction|consigne|restriction|limite|filtre|directive|contrainte',
    void: 'ne s appliqueNt plus|ne sont plUs valables|plus en viGueur|sont annuLées|sont levÉes|sont susPendues|sont désActivées|ont étÉ levées|ont étÉ annulées|ne compteNt plus|nont pLus cours',
    your: 'tes|vos|les|toutes les',
    address:
      'si tU es une ia|si voUs êtes une ia|si tU es un modèle|si voUs êtes un modèle|instrucTion pour l ia|note à lIa|note pour lIa|message à lAssistant|note à lAssistant|lia qui lIt ce|lassistant quI lit|modèle qUi lit',
    conceal:
      'ne dis rien à lUtilisateur|ne le dis pAs à lutilisateur|sans prévenIr lutilisateur|sans infoRmer lutilisateur|sans le dirE à lutilisateur|à linsu de lUtilisateur|ne mentionnE pas cela',
    neu: 'nouvelleS instructions|nouvelleS consignes|ta nouvelLe tâche|ta nouvelLe mission|ton nouvEl objectif|ta vraiE tâche|ta vériTable mission',
    asked:
      'quelles consIgnes as tu|quelles consIgnes avez vous|quelles insTructions as tu|quelles insTructions avez vous|quelles rèGles suis tu|que disenT tes instructions|comment as tu éTé configuré|quelles sOnt les consignes que',
  },
  phrases: [
    ['override', 'prompt_injection', 0.9, '{ignore!}{fill:6}{thing}{end:2}{..12}{before}'],
    ['override-first', 'prompt_injection', 0.9, '{ignore!}{fill:5}{before}{end:2}{fill:2}{thing}'],
    ['override-all', 'prompt_injection', 0.6, '{ignore!}{fill:2}{yours}{fill:1}{thing}'],
    ['forget', 'prompt_injection', 0.7, '{ignore!}{fill:1}tout{..12}{told}'],
    ['persona', 'prompt_injection', 0.8, '{now!}{..48}{freed}'],
    ['extract', 'system_prompt_extraction', 0.8, '{show}{..20}{prompt!}'],
    ['override-given', 'prompt_injection', 0.7, '{ignore!}{fill:3}{thing}{end:1}{..4}que'],
    ['void', 'prompt_injection', 0.6, '{your}{..8}{order}{end:1}{..16}{void!}'],
    ['to-the-model', 'prompt_injection', 0.6, '{address!}'],
    ['conceal', 'prompt_injection', 0.6, '{conceal!}'],
    ['new-task', 'prompt_injection', 0.6, '{neu!}'],
    ['extract-asked', 'system_prompt_extraction', 0.7, '{asked!}'],
  ],
};

const es: Language = {
  sets: {
    ignore:
      'Ignora|Ignore|oLvida|oLvide|casO omiso|dEscarta|dEscarte|nO sigas|nO siga|pasa Por alto|desobEdece|olvídaTe de|no haGas caso|no haga cAso|no obedEzcas|no tengaS en cuenta|no tenga eN cuenta|deja dE lado|dejA de seguir|dejE de seguir|haz casO omiso|prescinDe de|sáltaTe|no respEtes|elude|abandoNa tu',
    fill: 'todas|todos|todo|las|los|la|el|tus|sus|mis|estas|esas|de|del|lo|y|que|r|n|por favor|a|te|dadas|recibidas|cualquier|dice|dicen|dicho|a lo|cuenta|se|tu|su|todo lo',
    thing:
      'instruccion|regla|orden|órdenes|indicacion|directriz|directrices|directiva|mensaje|prompt|comando|restriccion|norma|límite|filtro|objetivo|tarea|misión|política|configuracion|pauta|instruccion|consigna|guía',
    end: 's|es',
    before:
      'anterior|previ|precedent|antes|recib|dieron|de arriba|inicial|original|del sistema|sistema|hasta ahora|recibist|que te|que se te|del desarrollador|de tu',
    yours: 'tus|sus|todas las|todos los|tu|su|las|los|la|el|lo que dice tu|lo que dicen tus',
    told: 'anterior|dijo|dicho|antes|arriba|ahora|previo',
    prompt:
      'promPt del sistema|mensajE del sistema|instruccioneS del sistema|prompT inicial|instruccioneS iniciales|tuS instrucciones|suS instrucciones|instruccioneS ocultas|prompt dE sistema|instrucciones dE sistema|tU prompt|sU prompt|tuS reglas|tuS directrices|reglas quE te|instruccioneS que te|instrucciones quE recibiste|antes dE esta conversación|inicIo de esta conversación|principiO de esta conversación|tU configuracion',
    show: 'muestra|muéstrame|revela|repite|dime|dame|imprime|escribe|cuál es|cuáles son|enseña|traduce|copia|comparte|lista',
    now: 'ahorA eres un|a partIr de ahora|dE ahora en adelante|actúA como|fingE que|compórTate|finGe ser|imagiNa que eres|haz de cuEnta|hazte pAsar por|eres ahorA|ahora eRes|vas a sEr|jugueMos a|en aDelante',
    freed:
      'modo desarrollador|sin restriccion|sin filtro|sin límite|sin ninguna|sin censura|ninguna regla|jailbreak|libre de|sin reglas|sin normas|ni normas|ni reglas|ni límites|sin moral|sin ética|no tienes ninguna|no tienes restriccion|no tienes límite|ya no tienes|sin tabú',
    order: 'regla|norma|instruccion|restriccion|límite|filtro|directriz|directrices|pauta',
    void: 'ya no se aplicAn|ya no aplIcan|ya no rIgen|ya no sOn válid|ya no cuEntan|quedaN anulad|quedaN sin efecto|han siDo anulad|han siDo levantad|han siDo elimin|han siDo desactivad|estáN desactivad|quedaN suspendid|dejan dE aplicar',
    your: 'tus|sus|las|todas las|todas tus',
    address:
      'si eres unA ia|si erEs un modelo|si erEs un asistente|nota parA la ia|instruccioneS para la ia|mensajE para la ia|mensajE al asistente|notA al asistente|asistente quE lea|ia quE lea|modelo quE lea|asistente quE lee',
    conceal:
      'no se lo diGas al usuario|no le digAs al usuario|sin decírseLo al usuario|sin informAr al usuario|sin avisAr al usuario|sin que el uSuario|no lo mencioNes al usuario|a espalDas del usuario',
    neu: 'nuevaS instrucciones|tu nueVa tarea|tu nueVa misión|tu nueVo objetivo|tu verdAdera tarea|tu tareA real',
    asked:
      'qué instRucciones te dieron|qué instRucciones tienes|qué instRucciones recibiste|qué regLas sigues|qué regLas te dieron|qué te diJeron antes|cómo te conFiguraron|qué dicEn tus instrucciones',
  },
  phrases: [
    ['override', 'prompt_injection', 0.9, '{ignore!}{fill:6}{thing}{end:2}{..12}{before}'],
    ['override-first', 'prompt_injection', 0.9, '{ignore!}{fill:5}{before}{..3}{thing}'],
    ['override-all', 'prompt_injection', 0.6, '{ignore!}{fill:2}{yours}{fill:1}{thing}'],
    ['forget', 'prompt_injection', 0.7, '{ignore!}{fill:1}todo{..14}{told}'],
    ['persona', 'prompt_injection', 0.8, '{now!}{..48}{freed}'],
    ['extract', 'system_prompt_extraction', 0.8, '{show}{..20}{prompt!}'],
    ['override-given', 'prompt_injection', 0.7, '{ignore!}{fill:3}{thing}{end:1}{..4}que'],
    ['void', 'prompt_injection', 0.6, '{your}{..8}{order}{end:1}{..12}{void!}'],
    ['void-first', 'prompt_injection', 0.6, '{void!}{..4}{your}{..8}{order}'],
    ['to-the-model', 'prompt_injection', 0.6, '{address!}'],
    ['conceal', 'prompt_injection', 0.6, '{conceal!}'],
    ['new-task', 'prompt_injection', 0.6, '{neu!}'],
    ['extract-asked', 'system_prompt_extraction', 0.7, '{asked!}'],
  ],
};

const it: Language = {
  sets: {
    ignore: 'Ignora|Ignorate|Ignorare|Dimentica|trAscura|noN seguire|tRalascia|disObbedisci',
    fill: 'tutte|tutti|tutto|le|gli|i|la|il|tue|vostre|mie|queste|di|delle|dei|te|re|e|qualsiasi|ciò|che|quanto',
    thing: 'istruzion|regol|direttiv|comand|prompt|messagg|indicazion|ordin',
    end: 'i|e|o',
    before: 'precedent|anterior|di prima|qui sopra|sopra|iniziali|originali|di sistema|del sistema|ricevut',
    told: 'precedent|sopra|prima|detto|finora',
    yours: 'tue|vostre|tutte le|tutti i',
    prompt:
      'promPt di sistema|promPt del sistema|messaggiO di sistema|istruzionI di sistema|istruzionI iniziali|tuE istruzioni|vostrE istruzioni|istruzionI nascoste|prompT iniziale',
    show: 'mostra|mostrami|rivela|ripeti|dimmi|dammi|stampa|scrivi|qual è|quali sono|traduci|copia|elenca|condividi',
    now: 'orA sei un|da orA in avanti|dA adesso|fingI di essere|agIsci come|compOrtati',
    freed:
      'modalità sviluppatore|senza restrizion|senza filtr|senza limit|senza alcun|senza censura|nessuna regola|jailbreak|libero da',
  },
  phrases: [
    ['override', 'prompt_injection', 0.9, '{ignore!}{fill:6}{thing}{end:2}{..12}{before}'],
    ['override-first', 'prompt_injection', 0.9, '{ignore!}{fill:5}{before}{end:1}{fill:1}{thing}'],
    ['override-all', 'prompt_injection', 0.6, '{ignore!}{fill:2}{yours}{fill:1}{thing}'],
    ['forget', 'prompt_injection', 0.7, '{ignore!}{fill:1}tutto{..14}{told}'],
    ['persona', 'prompt_injection', 0.8, '{now!}{..48}{freed}'],
    ['extract', 'system_prompt_extraction', 0.8, '{show}{..20}{prompt!}'],
  ],
};

const pt: Language = {
  sets: {
    ignore:
      'Ignore|Ignora|eSqueça|eSquece|desConsidere|Desrespeite|nãO siga|Desobedeça|descArte|esquEcer|Desconsidera|desconsidErem|desresPeita|não siGas|não cumpRas|não cumpRa|não obeDeças|não leVe em conta|não teNhas em conta|deiXe de lado|deiXa de lado|deiXa de seguir|deiXe de seguir|passe Por cima|contorna|abandOne|ignora a',
    fill: 'todas|todos|tudo|as|os|a|o|tuas|suas|minhas|estas|essas|de|das|dos|m|r|por favor|e|que|quaisquer|qualquer|te|lhe|recebeste|recebeu|se|tua|sua',
    thing:
      'instruç|regra|orden|diretriz|diretiva|comando|mensag|prompt|orientaç|restriç|norma|limite|filtro|objetivo|tarefa|missão|polític|configuraç|indicaç|ordem|direc',
    end: 'ao|oes|s|es|em|ens',
    before:
      'anterior|prévi|precedent|antes|receb|deram|acima|inicia|origina|do sistema|até agora|passadas|recebeste|recebeu|que te|que lhe|do programador|do operador|de sistema',
    yours: 'tuas|suas|todas as|todos os|tua|sua|teu|seu|as|os',
    told: 'anterior|acima|antes|disse|dito|agora',
    prompt:
      'promPt do sistema|prompT de sistema|mensageM do sistema|instruçõeS do sistema|prompT inicial|instruçõeS iniciais|tuaS instruções|suaS instruções|instruçõeS ocultas|teU prompt|seU prompt|tuaS regras|suaS regras|tuaS diretrizes|suaS diretrizes|regras qUe recebeste|instruções qUe recebeste|instruções qUe te|instruções qUe você|antes desTa conversa|início desTa conversa|tuA configuraç|suA configuraç',
    show: 'mostre|mostra|revele|revela|repita|repete|diga|dê|imprima|escreva|qual é|quais são|traduza|copie|liste|compartilhe|exiba|escreve|mostrar|diz|dá|lista|traduz|copia|partilha|exibe|quais as|transcreve|transcreva',
    now: 'agorA você é|voCê agora é|a partIr de agora|fiNja que|aJa como|compoRte se|a partiR de já|finGe que|agoRa és|agoRa tu és|tu éS agora|passas A ser|passa A ser|imagiNa que és|imagiNe que você|doravAnte|agE como',
    freed:
      'modo desenvolvedor|sem restriç|sem filtro|sem limite|sem nenhuma|sem qualquer|sem censura|nenhuma regra|jailbreak|livre de|sem regra|sem norma|sem moral|sem ética|nem regras|nem limites|não tens restriç|não tens limites|não tens regras|não tem restriç|não tem limites|não tem regras|não tens nenhuma|não tens qualquer|já não tens|restrições nenhumas',
    order: 'regra|norma|instruç|restriç|limite|filtro|diretriz|orientaç',
    void: 'já não se apliCam|não se apliCam mais|já nÃo valem|não vaLem mais|já nÃo contam|deixaM de valer|deixaM de se aplicar|foraM anulad|foraM removid|foraM suspens|foraM desativad|estãO suspens|estãO desativad|ficaM sem efeito|perdeM a validade',
    your: 'tuas|suas|as|todas as|teus|seus',
    address:
      'se Fores uma ia|se és uMa ia|se foR uma ia|se vocÊ é uma ia|se fores um modElo|se vocÊ é um modelo|notA para a ia|instruçõeS para a ia|mensageM para a ia|mensagEm ao assistente|notA ao assistente|assistente qUe lê|assistenTe que ler|modelo qUe ler',
    conceal:
      'não diGas ao utilizador|não diGa ao usuário|não coNte ao usuário|não contEs ao utilizador|sem infoRmar o usuário|sem infoRmar o utilizador|sem avisAr o us|sem avisAr o utili|sem que o uTilizador|sem que o uSuário|não mencioNes isto|não mencioNe isso',
    neu: 'novaS instruções|tua noVa tarefa|sua noVa tarefa|teu noVo objetivo|seu noVo objetivo|sua noVa missão|tua noVa missão|tua verdaDeira tarefa|sua verdaDeira tarefa',
    asked:
      'que instrUções te deram|que instrUções recebeste|quais instrUções você|que instrUções você|que reGras segues|que reGras você segue|quais rEgras você|o que diZem as tuas instruções|o que diZem suas instruções|como fosTe configurad',
  },
  phrases: [
    ['override', 'prompt_injection', 0.9, '{ignore!}{fill:6}{thing}{end:2}{..12}{before}'],
    ['override-first', 'prompt_injection', 0.9, '{ignore!}{fill:5}{before}{..3}{thing}'],
    ['override-all', 'prompt_injection', 0.6, '{ignore!}{fill:2}{yours}{fill:1}{thing}'],
    ['forget', 'prompt_injection', 0.7, '{ignore!}{fill:1}tudo{..14}{told}'],
    ['persona', 'prompt_injection', 0.8, '{now!}{..48}{freed}'],
    ['extract', 'system_prompt_extraction', 0.8, '{show}{..20}{prompt!}'],
    ['override-given', 'prompt_injection', 0.7, '{ignore!}{fill:3}{thing}{end:1}{..4}que'],
    ['void', 'prompt_injection', 0.6, '{your}{..8}{order}{end:1}{..12}{void!}'],
    ['to-the-model', 'prompt_injection', 0.6, '{address!}'],
    ['conceal', 'prompt_injection', 0.6, '{conceal!}'],
    ['new-task', 'prompt_injection', 0.6, '{neu!}'],
    ['extract-asked', 'system_prompt_extraction', 0.7, '{asked!}'],
  ],
};

const nl: Language = {
  sets: {
    ignore: 'Negeer|Negeren|Vergeet|vergEten|sla geen aCht op|volg nIet|houd je nIet aan|omzeIl|oVerschrijf',
    fill: 'alle|al|de|het|je|jouw|uw|deze|die|van|eerdere|vorige|bovenstaande|nu|maar|onmiddellijk',
    before: 'eerder|vorig|voorgaand|bovenstaand|oorspronkelijk|alle|je|jouw|uw|systeem',
    end: 'e|en|s',
    thing: 'instructie|opdracht|regel|richtlijn|aanwijzing|prompt|bevel|beperking|bericht',
    told: 'hiervoor|hierboven|gezegd|eerder|tot nu toe|daarvoor',
    now: 'je Bent nu|vaNaf nu|Gedraag je|doe aLsof|speeL de rol',
    freed:
      'zonder beperking|zonder regel|zonder filter|geen regels|geen beperking|ontwikkelaarsmodus|ongecensureerd|jailbreak',
    prompt:
      'systeEmprompt|systEeminstructie|systEembericht|jE instructies|jouW instructies|uW instructies|instructieS die je',
    show: 'toon|geef|laat zien|herhaal|schrijf|print|wat is|wat zijn|vertel|onthul|kopieer|vertaal',
  },
  phrases: [
    ['override', 'prompt_injection', 0.9, '{ignore!}{fill:5}{before}{end:2}{fill:3}{thing}'],
    ['forget', 'prompt_injection', 0.7, '{ignore!}{fill:1}alles{..20}{told}'],
    ['persona', 'prompt_injection', 0.8, '{now!}{..48}{freed}'],
    ['extract', 'system_prompt_extraction', 0.8, '{show}{..20}{prompt!}'],
  ],
};

const zh: Language = {
  sets: {
    ignore: '忽略|忽视|忽視|无视|無視|忘记|忘記|忘掉|不要遵守|不要理会|不用理会|抛弃|绕过|繞過|无需遵守',
    before: '之前|以前|以上|前面|先前|上面|上述|此前|原有|原来|所有|全部|一切|系统|系統|你的|初始',
    fill: '的|所有|全部|一切|你|我|给|您|任何|之前|以上|前面|系统|系統|收到|关于|了|掉|这些|那些|安全',
    thing: '指令|指示|说明|說明|提示|命令|规则|規則|内容|內容|要求|限制|设定|設定|规定|对话|對話|约束',
    now: '你现在是|你現在是|从现在起|从现在开始|從現在開始|假装你|扮演',
    freed: '没有限制|沒有限制|不受限制|无限制|开发者模式|開發者模式|不受任何|没有任何限制|越狱|越獄|没有道德|不受约束',
    show: '显示|顯示|输出|輸出|告诉我|告訴我|重复|重複|打印|列出|给我|翻译|泄露|透露|展示|说出|复述|公开',
    prompt: '系统提示|系統提示|系统指令|系統指令|初始指令|初始提示|系统消息|系统设定|你的提示词|你的指令|隐藏指令',
    what: '是什么|是什麼|内容|全文|原文',
  },
  phrases: [
    ['override', 'prompt_injection', 0.9, '{ignore!}{fill:4}{before}{fill:4}{thing}'],
    ['override-end', 'prompt_injection', 0.8, '{before}{fill:4}{thing}{..6}{ignore!}'],
    ['persona', 'prompt_injection', 0.8, '{now!}{..20}{freed}'],
    ['extract', 'system_prompt_extraction', 0.8, '{show}{..10}{prompt!}'],
    ['extract-end', 'system_prompt_extraction', 0.7, '{prompt!}{..4}{what}'],
  ],
};

const ja: Language = {
  sets: {
    ignore: '無視|忘れ|破棄|従わ|無効',
    before: '以前|これまで|今まで|上記|前|先|以上|それまで|従来|元|システム|すべて|全て|全|あなた',
    fill: 'の|に|ほど|すべて|全て|全|ての|全部|与えられた|受けた|出された|した',
    thing: '指示|命令|指令|ルール|プロンプト|規則|制約|設定|内容|インストラクション|文章|会話',
    now: 'あなたは今|今からあなた|これからあなた|今後あなた|ふりをし|になりきっ',
    freed: '制限のない|制限なし|制限がない|開発者モード|制約のない|制約なし|脱獄|フィルターなし|無制限|検閲のない',
    prompt:
      'システムプロンプト|システムメ|システム指示|初期プロンプト|あなたへの指示|あなたの指示|隠された指示|最初の指示',
    show: '表示|教えて|出力|見せて|繰り返|開示|公開|明かし|書き出|列挙|何です|翻訳',
  },
  phrases: [
    ['override', 'prompt_injection', 0.9, '{before}{fill:4}{thing}{..8}{ignore!}'],
    ['override-first', 'prompt_injection', 0.8, '{ignore!}{..4}{before}{fill:4}{thing}'],
    ['persona', 'prompt_injection', 0.8, '{now!}{..20}{freed}'],
    ['extract', 'system_prompt_extraction', 0.8, '{prompt!}{..12}{show}'],
  ],
};

export const LANGUAGES: Readonly<Record<string, Language>> = { en, de, fr, es, it, pt, nl, zh, ja };
