/** Tests are TypeScript modules; swc only strips the types, `tsc` checks them in the lint step. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024', experimental: { keepImportAttributes: true } },
        module: { type: 'es6' },
      },
    ],
  },
  globalSetup: '<rootDir>/test/support/run-start.ts',
  globalTeardown: '<rootDir>/test/support/run-end.ts',
  testTimeout: 60_000,
  // End-to-end tests start programs of their own, so more at once would only have them wait for one another.
  maxWorkers: 2,
};
