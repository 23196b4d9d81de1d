/**
 * A moderate list: common conditions of most ICD-10 chapters (A-T), by the names people use, the medications of the WHO's
 * list of essential medicines and those most prescribed; English first, then the commonest in German, French, Spanish and
 * Portuguese. It is no medical vocabulary: an operator who needs more adds word lists. Words with another everyday meaning
 * (cold, stroke of a pen) are left out, or stand in a phrase.
 */
export const CONDITIONS = [
  // A-B infections
  'tuberculosis, hiv, hiv positive, aids patient, hepatitis, syphilis, gonorrhea, gonorrhoea, chlamydia, herpes, malaria',
  'sepsis, shingles, lyme disease, salmonella infection, covid infection, long covid',
  // C-D neoplasms and blood
  'cancer, carcinoma, leukemia, leukaemia, lymphoma, melanoma, sarcoma, brain tumor, brain tumour, malignant tumor',
  'metastatic, metastasis, anemia, anaemia, hemophilia, haemophilia, sickle cell, thalassemia',
  // E endocrine
  'diabetes, diabetic, hypothyroidism, hyperthyroidism, obesity, cystic fibrosis, hyperlipidemia, high cholesterol',
  // F mental
  'schizophrenia, bipolar disorder, major depression, clinical depression, depressive disorder, anxiety disorder, ptsd',
  'panic attacks, anorexia, bulimia, adhd, autism, dementia, alcoholism, alcohol dependence, opioid addiction, suicidal',
  'borderline personality, eating disorder, substance abuse',
  // G nervous system
  'epilepsy, epileptic, migraine, multiple sclerosis, parkinson, alzheimer, neuropathy, cerebral palsy, seizures',
  // H eye and ear
  'glaucoma, cataract, cataracts, macular degeneration, tinnitus',
  // I circulatory
  'hypertension, high blood pressure, angina, heart attack, heart failure, myocardial infarction, arrhythmia',
  'atrial fibrillation, coronary artery, ischemic stroke, had a stroke, thrombosis, aneurysm',
  // J respiratory
  'asthma, asthmatic, copd, pneumonia, bronchitis, emphysema, sleep apnea, sleep apnoea',
  // K digestive
  'crohn, ulcerative colitis, cirrhosis, gastritis, irritable bowel, pancreatitis, celiac, coeliac, peptic ulcer',
  // L-M skin and musculoskeletal
  'psoriasis, eczema, arthritis, osteoporosis, fibromyalgia, lupus, scoliosis, osteoarthritis',
  // N genitourinary
  'kidney failure, renal failure, kidney disease, endometriosis, infertility, erectile dysfunction, dialysis',
  // O-T
  'miscarriage, preeclampsia, ectopic pregnancy, down syndrome, spina bifida, concussion, overdose, anaphylaxis',
  // Chapters A to T, continued: names that records and letters use
  'cholera, typhoid, dengue, rabies, measles, mumps, rubella, chickenpox, meningitis, encephalitis, mononucleosis, scabies',
  'hpv infection, candidiasis, toxoplasmosis, ebola, mpox, covid pneumonia, septic shock, urinary tract infection, cellulitis',
  'tumor, tumour, tumors, tumours, neoplasm, myeloma, mesothelioma, glioblastoma, neuroblastoma, metastases, metastasized',
  'neutropenia, thrombocytopenia, iron deficiency, hemochromatosis, sickle cell disease, lymphedema, hodgkin',
  'hypoglycemia, hypoglycaemia, hyperglycemia, goiter, graves disease, hashimoto, cushing syndrome, addison disease, acromegaly, gout',
  'malnutrition, phenylketonuria, metabolic syndrome, hypercholesterolemia, ketoacidosis, vitamin d deficiency',
  'depression, anxiety, psychosis, psychotic, mania, delirium, ocd, obsessive compulsive, panic disorder, insomnia, self harm',
  'suicide attempt, asperger, gender dysphoria, postpartum depression, schizoaffective, alcohol use disorder, drug addiction',
  'narcolepsy, huntington, amyotrophic lateral, tourette, sciatica, hydrocephalus, guillain barre, myasthenia gravis',
  'trigeminal neuralgia, restless legs, carpal tunnel, bell palsy, hemiplegia, paraplegia, quadriplegia',
  'retinopathy, retinal detachment, uveitis, conjunctivitis, otitis, hearing loss, vertigo, meniere',
  'cardiac arrest, cardiomyopathy, endocarditis, pericarditis, atherosclerosis, varicose veins, tachycardia',
  'bradycardia, pulmonary embolism, deep vein thrombosis, congestive heart, mitral valve, heart murmur, peripheral artery',
  'pulmonary fibrosis, pleurisy, pneumothorax, sinusitis, tonsillitis, laryngitis, rhinitis, respiratory failure, influenza',
  'appendicitis, diverticulitis, hemorrhoids, haemorrhoids, gallstones, cholecystitis, hernia, acid reflux, hepatic',
  'fatty liver, liver failure, celiac disease, crohn disease, bowel obstruction, esophagitis, stomach ulcer, jaundice',
  'dermatitis, rosacea, vitiligo, urticaria, acne vulgaris, alopecia, rheumatoid, spondylitis, herniated disc, osteopenia',
  'scleroderma, vasculitis, sarcoidosis, bursitis, tendinitis, polymyalgia, bone fracture, hip fracture, compound fracture',
  'kidney stones, nephritis, nephropathy, nephrotic, pyelonephritis, cystitis, prostatitis, benign prostatic, incontinence',
  'polycystic ovary, pcos, fibroids, menorrhagia, amenorrhea, pelvic inflammatory, high risk pregnancy, gestational diabetes',
  'stillbirth, preterm birth, abortion, eclampsia, cleft palate, trisomy, turner syndrome, marfan syndrome, congenital heart',
  'whiplash, traumatic brain, third degree burns, hypothermia, frostbite, anaphylactic, allergic to, organ transplant',
  // German
  'krebs, brustkrebs, lungenkrebs, darmkrebs, prostatakrebs, leukämie, tumoren, karzinom, melanom, metastasen, blutarmut',
  'zuckerkrankheit, schilddrüsenunterfunktion, schilddrüsenüberfunktion, adipositas, gicht, depressionen, angststörung',
  'schizophrenie, bipolare störung, magersucht, bulimie, demenz, alkoholabhängigkeit, alkoholsucht, suchterkrankung, autismus',
  'epilepsie, migräne, multiple sklerose, schlaganfall, bluthochdruck, herzinfarkt, herzinsuffizienz, vorhofflimmern',
  'herzrhythmusstörungen, thrombose, lungenembolie, lungenentzündung, bronchitis, asthmatiker, schlafapnoe, grippe',
  'leberzirrhose, gastritis, bauchspeicheldrüsenentzündung, blinddarmentzündung, magengeschwür, morbus crohn, colitis ulcerosa',
  'schuppenflechte, neurodermitis, arthrose, rheuma, osteoporose, bandscheibenvorfall, niereninsuffizienz, nierenversagen',
  'fehlgeburt, unfruchtbarkeit, gehirnerschütterung, tuberkulose, borreliose, gürtelrose, hirntumor, parkinson krankheit',
  // French
  'diabète, diabétique, cancer du sein, leucémie, tumeur, tumeurs, anémie, hypothyroïdie, hyperthyroïdie, obésité',
  'dépression, dépressif, trouble anxieux, schizophrénie, trouble bipolaire, anorexie, boulimie, démence, alcoolisme, autisme',
  'épilepsie, sclérose en plaques, accident vasculaire, avc, insuffisance cardiaque, insuffisance rénale, hypertension',
  'hypertension artérielle, infarctus, fibrillation auriculaire, thrombose, embolie pulmonaire, asthme, pneumonie, bronchite',
  'apnée du sommeil, cirrhose, gastrite, pancréatite, appendicite, maladie de crohn, psoriasis, eczéma, arthrose, arthrite',
  'ostéoporose, fibromyalgie, hernie discale, endométriose, fausse couche, infertilité, tuberculose, vih, hépatite',
  // Spanish
  'cáncer, leucemia, tumores, anemia, diabetes mellitus, hipotiroidismo, hipertiroidismo, obesidad, depresión, ansiedad',
  'esquizofrenia, trastorno bipolar, trastorno de ansiedad, demencia, alcoholismo, epilepsia, migraña, esclerosis múltiple',
  'ictus, derrame cerebral, hipertensión, infarto, insuficiencia cardíaca, insuficiencia renal, fibrilación auricular, asma',
  'neumonía, bronquitis, apnea del sueño, cirrosis, pancreatitis, apendicitis, soriasis, artrosis, artritis, fibromialgia',
  'hernia discal, endometriosis, aborto espontáneo, infertilidad, tuberculosis, vih, hepatitis b, neoplasia',
  // Portuguese
  'câncer, cancro, leucemia, tumor, diabete, hipotireoidismo, hipotiroidismo, obesidade, depressão, ansiedade, esquizofrenia',
  'transtorno bipolar, perturbação bipolar, demência, alcoolismo, epilepsia, enxaqueca, esclerose múltipla, avc, hipertensão',
  'enfarte, infarto, insuficiência cardíaca, insuficiência renal, fibrilação atrial, pneumonia, bronquite, cirrose, artrite',
  'psoríase, fibromialgia, hérnia discal, endometriose, aborto espontâneo, tuberculose, hepatite',
].join(',');

export const MEDICATIONS = [
  'atorvastatin, levothyroxine, metformin, lisinopril, amlodipine, metoprolol, albuterol, losartan, gabapentin',
  'omeprazole, sertraline, rosuvastatin, pantoprazole, escitalopram, hydrochlorothiazide, bupropion, fluoxetine',
  'semaglutide, ozempic, wegovy, montelukast, trazodone, simvastatin, amoxicillin, tamsulosin, hydrocodone',
  'fluticasone, meloxicam, apixaban, eliquis, furosemide, insulin, duloxetine, ibuprofen, famotidine, empagliflozin',
  'carvedilol, tramadol, alprazolam, xanax, prednisone, hydroxyzine, buspirone, clopidogrel, glipizide, citalopram',
  'potassium chloride, allopurinol, aspirin daily, cyclobenzaprine, ergocalciferol, oxycodone, methylphenidate, ritalin',
  'venlafaxine, spironolactone, ondansetron, zolpidem, cetirizine, estradiol, pravastatin, lamotrigine, quetiapine',
  'clonazepam, dulaglutide, azithromycin, latanoprost, cholecalciferol, propranolol, ezetimibe, topiramate, paroxetine',
  'diclofenac, atenolol, doxycycline, pregabalin, glimepiride, tizanidine, clonidine, fenofibrate, insulin glargine',
  'valsartan, cephalexin, baclofen, rivaroxaban, xarelto, ferrous sulfate, amitriptyline, finasteride, lithium carbonate',
  'aripiprazole, olanzapine, risperidone, mirtazapine, methotrexate, warfarin, testosterone, lorazepam, adderall',
  'lantus, humira, adalimumab, truvada, biktarvy, tamoxifen, methadone, buprenorphine, naltrexone, morphine, fentanyl',
  // WHO, Model List of Essential Medicines
  'paracetamol, acetaminophen, acetylsalicylic acid, codeine, tramadol, ketamine, propofol, midazolam, diazepam, phenobarbital',
  'carbamazepine, valproic acid, valproate, phenytoin, levetiracetam, ethosuximide, haloperidol, chlorpromazine, clozapine',
  'clomipramine, nicotine replacement, dexamethasone, hydrocortisone, prednisolone, methylprednisolone, epinephrine',
  'loratadine, albendazole, ivermectin, mebendazole, praziquantel, ampicillin, benzylpenicillin, cefalexin, cefazolin',
  'ceftriaxone, cefixime, ceftazidime, cloxacillin, penicillin, amoxicillin clavulanate, ciprofloxacin, clarithromycin',
  'gentamicin, metronidazole, nitrofurantoin, trimethoprim, vancomycin, linezolid, meropenem, piperacillin, isoniazid',
  'rifampicin, rifampin, ethambutol, pyrazinamide, bedaquiline, fluconazole, amphotericin, nystatin, voriconazole, aciclovir',
  'acyclovir, valganciclovir, lamivudine, tenofovir, zidovudine, efavirenz, dolutegravir, abacavir, lopinavir, ritonavir',
  'oseltamivir, sofosbuvir, ribavirin, artemether, chloroquine, hydroxychloroquine, primaquine, quinine, sumatriptan',
  'azathioprine, ciclosporin, cyclosporine, tacrolimus, carboplatin, cisplatin, cyclophosphamide, docetaxel, doxorubicin',
  'etoposide, fluorouracil, gemcitabine, imatinib, paclitaxel, rituximab, trastuzumab, vincristine, anastrozole, letrozole',
  'bicalutamide, levodopa, carbidopa, biperiden, folic acid, hydroxocobalamin, heparin, enoxaparin, dabigatran, tranexamic acid',
  'bisoprolol, glyceryl trinitrate, nitroglycerin, verapamil, digoxin, amiodarone, enalapril, ramipril, candesartan, telmisartan',
  'perindopril, hydralazine, methyldopa, streptokinase, salicylic acid, betamethasone, calamine, permethrin, mannitol',
  'ranitidine, lansoprazole, esomeprazole, metoclopramide, loperamide, senna tablets, lactulose, gliclazide, sitagliptin',
  'dapagliflozin, liraglutide, tirzepatide, mounjaro, insulin lispro, insulin aspart, propylthiouracil, carbimazole',
  'ethinylestradiol, levonorgestrel, medroxyprogesterone, clomifene, misoprostol, mifepristone, oxytocin, progesterone',
  'salbutamol, budesonide, formoterol, salmeterol, tiotropium, ipratropium, timolol, pilocarpine, atropine, naloxone',
  'colchicine, naproxen, celecoxib, etoricoxib, alendronate, alendronic acid, denosumab, infliximab, etanercept, ustekinumab',
  'sildenafil, tadalafil, dutasteride, solifenacin, mirabegron, desloratadine, fexofenadine, donepezil, memantine, rivastigmine',
  'fluvoxamine, vortioxetine, desvenlafaxine, nortriptyline, lisdexamfetamine, dexamfetamine, atomoxetine, vyvanse',
  'suboxone, oxycontin, percocet, vicodin, hydromorphone, tapentadol, zopiclone, temazepam, lurasidone, ziprasidone, prozac',
  'zoloft, lexapro, lipitor, crestor, synthroid, januvia, jardiance, trulicity, keytruda, pembrolizumab, nivolumab, bevacizumab',
  // The same in German, French, Spanish and Portuguese, where they are written otherwise
  'metoprololsuccinat, metamizol, novaminsulfon, pantoprazol, omeprazol, amlodipin, levothyroxin, simvastatin, atorvastatin',
  'metformina, metformine, insulina, insuline, paracétamol, ibuprofène, ibuprofeno, amoxicilline, amoxicilina, oméprazole',
  'sertralina, fluoxetina, escitalopram, citalopram, diazépam, prednisona, prednisolona, prednisolon, cortison, torasemid',
  'losartana, losartán, enalapril, amlodipino, atorvastatina, sinvastatina, simvastatina, levotiroxina, lévothyroxine, warfarina',
  'dipirona, diclofenaco, diclofénac, furosemida, furosémide, hidroclorotiazida, marcumar, phenprocoumon, acenocumarol',
  'morfina, morphium, morphin, tramadolo, clonazepam, alprazolam, lorazépam, lítio, methylphenidat, risperidon, quetiapin',
].join(',');
