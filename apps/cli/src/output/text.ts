/** Every message about a mistake in the command line: what is wrong, and how to mend it. */
import {
  type ApplicationText,
  ArgumentScannerError,
  type FlagNotFoundError,
  formatMessageForArgumentScannerError,
  text_en,
} from '@stricli/core';
import { describeError, messageOf } from '../errors.ts';

/** What will be there one day, and must not be mistaken for a slip of the pen. */
const PLANNED_COMMANDS: readonly string[] = ['inject', 'run', 'boot'];

export const textOf = (commands: readonly string[]): ApplicationText => ({
  ...text_en,
  noCommandRegisteredForInput: ({ input }) =>
    PLANNED_COMMANDS.includes(input)
      ? `bulkhead: '${input}' is not built yet: use one of ${commands.join(', ')}`
      : `bulkhead: no command '${input}': use one of ${commands.join(', ')} (see --help)`,
  exceptionWhileParsingArguments: (error) => `bulkhead: ${argumentMessage(error)} (see --help)`,
  exceptionWhileRunningCommand: describeError,
  exceptionWhileLoadingCommandFunction: describeError,
  exceptionWhileLoadingCommandContext: describeError,
  commandErrorResult: describeError,
});

const argumentMessage = (error: unknown): string =>
  error instanceof ArgumentScannerError
    ? formatMessageForArgumentScannerError(error, {
        FlagNotFoundError: unknownFlag,
        AliasNotFoundError: ({ input }) => `no option -${input}`,
        ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, exception }) => `${name}: ${messageOf(exception)}`,
        EnumValidationError: ({ externalFlagName, input, values }) =>
          `--${externalFlagName}: '${input}' is not one of ${values.join(', ')}`,
        UnsatisfiedFlagError: ({ externalFlagName }) => `--${externalFlagName} needs a value`,
        UnexpectedFlagError: ({ externalFlagName }) => `--${externalFlagName} is given twice: give it once`,
        UnsatisfiedPositionalError: ({ placeholder }) => `<${placeholder}> is missing`,
        UnexpectedPositionalError: ({ input }) => `'${input}' is one argument too many`,
      })
    : messageOf(error);

function unknownFlag({ input, corrections }: FlagNotFoundError): string {
  if (corrections.length === 0) return `no option --${input}`;
  return `no option --${input}: did you mean ${corrections.map((flag) => `--${flag}`).join(' or ')}?`;
}
