import { type Config, ConfigError, readConfig } from '../gateway/index.ts';
import { CliError, EXIT } from './exit.ts';

/**
 * Reads the configuration that a command names.
 * @throws CliError when there is none, or it cannot be read; ConfigError when it is wrong
 */
export async function openConfig(file: string): Promise<Config> {
  try {
    return await readConfig(file);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code === 'ENOENT')
      throw new CliError(EXIT.usage, `${file}: not found; make one with 'verdict init', or name it with --config`);
    throw new CliError(EXIT.unable, `${file}: cannot be read (${code})`);
  }
}
