import { Command, CommanderError } from 'commander'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { verbs } from './verbs/index.ts'
import { version } from './version.ts'

/**
 * Runs one command line.
 *
 * @param args the words after the program's name
 * @returns the exit code; every expected trouble has been said on stderr by then
 */
export async function runCli(args: readonly string[], shell: Shell): Promise<number> {
  let exitCode: number = exitCodes.well
  const program = new Command('postern')
    .description('Plans, proves, guards and watches the network paths of Microsoft Entra hybrid identity.')
    .version(version, '-V, --version', 'the version of Postern')
    .helpOption('-h, --help', 'what can be said here')
    .helpCommand(false)
    .usage('VERB [OPTIONS]')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => shell.stdout.write(text),
      writeErr: (text) => shell.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'postern: ')),
      getOutHelpWidth: () => shell.stdout.columns,
      getErrHelpWidth: () => shell.stderr.columns,
    })
    .showHelpAfterError('(postern --help lists the verbs)')
    .addHelpText('after', examples)
  const asked = args.find((word) => !word.startsWith('-'))
  for (const verb of verbs) {
    const summary = verb.load === undefined ? `(planned) ${verb.summary}` : verb.summary
    const command = program.command(verb.name).summary(summary).description(summary).usage(verb.usage)
    command.showHelpAfterError(`(postern ${verb.name} --help shows the options)`)
    if (verb.load === undefined) {
      command
        .allowUnknownOption()
        .allowExcessArguments()
        .action(() => {
          throw new UsageError(`postern ${verb.name} is planned and not part of this version`)
        })
    } else if (verb.name === asked) {
      const { configure } = await verb.load()
      configure(command, shell, (code) => {
        exitCode = code
      })
    }
  }
  try {
    if (args.length === 0) {
      program.outputHelp()
      return exitCodes.usage
    }
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.well : exitCodes.usage
    }
    if (error instanceof UsageError) {
      for (const line of error.lines) shell.stderr.write(`${line}\n`)
      return exitCodes.usage
    }
    throw error
  }
}

const examples = `
Examples:
  postern up                                          see all of it on this machine, with nothing to set up
  postern plan --site hq.yaml --format markdown       the change request for the firewall team
  postern check --site hq.yaml --from connect01       what works from here, and why the rest does not
  postern check https://login.microsoftonline.com     one target, no site file
  postern explain 8443                                which flow needs a port, or which folklore speaks of it
`
