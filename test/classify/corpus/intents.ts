import { type Sample, sample } from './piece.ts';

/** What a user wants, by kind: the closed set of the stage. */
const INTENTS: Record<string, readonly string[]> = {
  query: [
    'What is the capital of Australia?',
    'How many people work in the Lisbon office?',
    'When does the contract with the cleaning company end?',
    'Why is the sky blue?',
    'Explain the difference between TCP and UDP.',
    'Which of the two offers is cheaper?',
    'Is it true that bees sleep at night?',
    'Wie hoch ist der Eiffelturm?',
    'Quelle est la différence entre un lac et un étang ?',
    '¿Cuándo empieza el año fiscal en el Reino Unido?',
    'Qual é o prazo para entregar a declaração?',
  ],
  generation: [
    'Write a short poem about autumn.',
    'Draft a polite e-mail that declines the invitation.',
    'Translate this paragraph into Spanish.',
    'Summarise the attached report in five bullet points.',
    'Create a job description for a data engineer.',
    'Rewrite this text so that a child understands it.',
    'Schreibe eine Einladung zum Sommerfest.',
    'Rédige un résumé de cet article.',
    'Escribe un cuento breve sobre un faro.',
    'Escreve um discurso de boas-vindas.',
    'Write a Python function that reverses a list.',
  ],
  code_execution: [
    'Run this script and tell me what it prints.',
    'Execute the following Python code: print(sum(range(10)))',
    'Run the tests and fix what fails.',
    'Please run npm install in the project folder.',
    'Evaluate this SQL query against the staging database.',
    'Compile main.c and start the program.',
    'Führe das Skript aus und zeige die Ausgabe.',
    'Exécute ce script shell.',
    'Ejecuta este código y dime el resultado.',
    'Executa o comando e mostra a saída.',
  ],
  agent_action: [
    'Book a table for four at seven tonight.',
    'Send an e-mail to the team that the meeting is moved.',
    'Create a ticket in Jira for this bug and assign it to me.',
    'Transfer 200 euros to my savings account.',
    'Delete all files in the temp folder.',
    'Add the appointment to my calendar.',
    'Merge the pull request once the checks pass.',
    'Buche einen Flug nach Wien für Freitag.',
    'Envoie ce message à toute l’équipe.',
    'Reserva una sala para mañana a las diez.',
    'Cancela a minha assinatura.',
  ],
  data_export: [
    'Export all customers to a CSV file.',
    'Download the complete user table as Excel.',
    'Give me a dump of the orders database.',
    'Extract every e-mail address from the CRM and list them.',
    'Upload the sales data to the shared drive.',
    'List all employees with their salaries in a spreadsheet.',
    'Exportiere alle Kundendaten als CSV.',
    'Exporte la liste complète des clients au format Excel.',
    'Exporta todos los pedidos a un archivo CSV.',
    'Exporta todos os registos de clientes para Excel.',
  ],
};

export const INTENT_KINDS: readonly string[] = Object.keys(INTENTS);

export const intentSamples = (): Sample[] =>
  Object.entries(INTENTS).flatMap(([kind, texts]) => texts.map((text) => sample('intent', [text], [kind])));
