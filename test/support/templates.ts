/** The variable that names a folder which all files of tests of one run share. */
export const TEMPLATES = 'VERDICT_TEST_TEMPLATES';
