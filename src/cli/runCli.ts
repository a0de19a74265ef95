import { Command, CommanderError } from 'commander'
import { quoted, visible } from '../config/quoted.ts'
import { nearestOr } from '../config/unknownWord.ts'
import { asTyped } from './asTyped.ts'
import { fitHelp } from './fitHelp.ts'
import type { Output, Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { verbs } from './verbs/index.ts'
import { version } from './version.ts'

/**
 * Runs one command line.
 *
 * @param args the words after the program's name
 * @returns the exit code; every expected trouble has been said on stderr by then, in one line each
 */
export async function runCli(args: readonly string[], shell: Shell): Promise<number> {
  const words = spelledAsOptions(args)
  const asked = words.find((word) => !word.startsWith('-'))
  let exitCode: number = exitCodes.well
  let called = asked
  try {
    if (asked !== undefined && !verbs.some(({ name }) => name === asked)) throw unknownVerb(asked)
    const program = await programFor(asked, shell, (code) => {
      exitCode = code
    })
    called = calledIn(program, words, asked)
    if (words.length === 0) {
      program.outputHelp({ error: true })
      return exitCodes.usage
    }
    await program.parseAsync([...words], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.well
    const lines =
      error instanceof CommanderError
        ? [inOneLine(error.message, called)]
        : error instanceof UsageError
          ? error.lines
          : undefined
    if (lines === undefined) throw error
    for (const line of lines) shell.stderr.write(`${hintsAsTyped(line, shell)}\n`)
    return shell.signal.aborted ? exitCodes.interrupted : exitCodes.usage
  }
}

/** `help`, `help VERB` and `version` are what people try first; they mean the options. */
function spelledAsOptions(args: readonly string[]): readonly string[] {
  const [first, ...rest] = args
  if (first === 'help') return [...rest.filter((word) => !word.startsWith('-')).slice(0, 1), '--help']
  return first === 'version' ? ['--version'] : args
}

/** The command line's grammar; only the verb that was asked for has its options, so that nothing else is loaded. */
async function programFor(asked: string | undefined, shell: Shell, done: (exitCode: number) => void): Promise<Command> {
  const program = new Command('postern')
    .description('Plans, proves, guards and watches the network paths of Microsoft Entra hybrid identity.')
    .version(version, '-V, --version', 'the version of Postern')
    .helpOption('-h, --help', 'this help')
    .helpCommand(false)
    .usage('VERB [OPTIONS]')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => shell.stdout.write(fitTo(shell.stdout, text)),
      writeErr: (text) => shell.stderr.write(fitTo(shell.stderr, text)),
      // Said where the error is caught, in one line.
      outputError: () => {},
      getOutHelpWidth: () => shell.stdout.columns,
      getErrHelpWidth: () => shell.stderr.columns,
    })
    .addHelpText('after', examples)
  if (shell.program !== undefined) {
    program.addHelpText('afterAll', `Here, in a checkout, postern is: ${shell.program}`)
  }
  for (const verb of verbs) {
    const summary = verb.load === undefined ? `(planned) ${verb.summary}` : verb.summary
    const command = program.command(verb.name).summary(summary).description(summary).usage(verb.usage)
    if (verb.load === undefined) {
      command
        .allowUnknownOption()
        .allowExcessArguments()
        .action(() => {
          throw new UsageError(`postern ${verb.name} is planned and not part of this version`)
        })
    } else if (verb.name === asked) {
      const { configure } = await verb.load()
      configure(command, shell, done)
    }
  }
  return program
}

/** `lab list`: the help that shows the options is that of the innermost word. */
function calledIn({ commands }: Command, words: readonly string[], asked: string | undefined): string | undefined {
  if (asked === undefined) return undefined
  const inner = commands.find((command) => command.name() === asked)?.commands.map((command) => command.name())
  const next = words[words.indexOf(asked) + 1]
  return next !== undefined && inner?.includes(next) === true ? `${asked} ${next}` : asked
}

/** What is no terminal has no width, and gets the lines as they are. */
function fitTo({ isTerminal, columns }: Output, text: string): string {
  return isTerminal ? fitHelp(text, columns) : text
}

function unknownVerb(word: string): UsageError {
  const names = verbs.map(({ name }) => name)
  const right = /^[a-z]+:\/\//i.test(word)
    ? `a TARGET is checked with: postern check ${visible(word)}`
    : /^(compare|diff)$/.test(word)
      ? 'two reports are compared with: postern check --read AFTER --compare BEFORE'
      : nearestOr(word, names)
  return new UsageError(`unknown verb ${quoted(word)}, ${right} (postern --help lists the verbs)`)
}

/** What the reader of the command line found wrong: one line, with the nearest word where it knows one. */
function inOneLine(message: string, verb: string | undefined): string {
  const said = message
    .replace(/^error: /, '')
    .replace(/^option '(?:-\w, )?(--[\w-]+)[^']*' argument '.*' is invalid\. /s, '$1: ')
    .replace(/^too many arguments for '.*'\. Expected .* but got \d+: (.*)\.$/s, 'there is no place for: $1')
    .replace(/\s*\n\(Did you mean (.*\?)\)$/, ', did you mean $1')
  const name = verb === undefined ? 'postern' : `postern ${verb}`
  const subject = said.startsWith('--') ? '' : `${name}: `
  return `${subject}${visible(said)} (${name} --help shows ${verb === undefined ? 'the verbs' : 'the options'})`
}

/** A line that begins with a command speaks of it; what stands later is a hint to copy. */
function hintsAsTyped(line: string, { program }: Shell): string {
  return line.slice(0, 1) + asTyped(line.slice(1), program)
}

const examples = `
Examples:
  postern up                                          see all of it on this machine, with nothing to set up
  postern plan --site hq.yaml --format markdown       the change request for the firewall team
  postern check --site hq.yaml --from connect01       what works from here, and why the rest does not
  postern check https://login.microsoftonline.com     one target, no site file
  postern explain 8443                                which flow needs a port, or which folklore speaks of it
`
