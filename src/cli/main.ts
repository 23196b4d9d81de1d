#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../gateway/index.ts';
import * as build from './build.ts';
import * as bundle from './bundle.ts';
import * as decide from './decide.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import * as init from './init.ts';
import * as quickstart from './quickstart.ts';
import * as replay from './replay.ts';
import * as show from './show.ts';
import * as start from './start.ts';
import * as test from './test.ts';
import * as token from './token.ts';
import * as verify from './verify.ts';
import { VERSION } from './version.ts';

const HELP = `
Exit codes: 0 fine, 1 a finding, 2 usage or configuration, 3 could not run.

Examples:
  verdict init demo && cd demo          a development set-up: keys, policies, configuration, a token
  verdict build bundles/default.yaml    test the policies and build a signed bundle of them
  verdict start                         govern calls as verdict.yaml says
  verdict verify audit --ca pki/root.pem
  verdict replay audit --bundles audit/bundles --ca pki/root.pem`;

export function createProgram(): Command {
  const program = new Command('verdict')
    .description('A gateway and policy engine for AI calls: decided by Rego, signed before forwarding, replayable.')
    .version(VERSION)
    .showHelpAfterError('(try --help)')
    .addHelpText('after', HELP);
  for (const command of [init, build, test, bundle, decide, token, start, quickstart, verify, replay, show]) {
    command.register(program);
  }
  return exitByThrowing(program);
}

/** Has commander throw where it would end the process, in every subcommand too: exit codes are ours. */
function exitByThrowing(command: Command): Command {
  command.exitOverride();
  command.commands.forEach(exitByThrowing);
  return command;
}

/** Whoever reads what is printed may have read enough, such as `head` or `grep -q`; that is no error. */
function outliveReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

async function main(): Promise<void> {
  process.stdout.on('error', outliveReader);
  process.stderr.on('error', outliveReader);
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Prints what went wrong for a person; the code says whose turn it is. */
function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage; // it has printed by itself
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`verdict: ${message}\n`);
  if (error instanceof CliError) return error.exitCode;
  return error instanceof ConfigError ? EXIT.usage : EXIT.unable;
}

await main();
