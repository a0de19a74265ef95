import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { LabListReport, LabReport } from '../../config/labSchema.ts'
import { quoted } from '../../config/quoted.ts'
import type { Fault, Lab } from '../../lab/index.ts'
import { asTyped } from '../asTyped.ts'
import { faultNamed, openNetwork, playFault } from '../playFault.ts'
import { columnsOf } from '../render/columns.ts'
import { json } from '../render/json.ts'
import { wrapText } from '../render/wrapText.ts'
import type { TenantVerbOptions } from '../runLabTenant.ts'
import type { Shell } from '../shell.ts'
import { exitCodes, UsageError } from '../shell.ts'
import { version } from '../version.ts'
import type { Configure } from './index.ts'
import { addSiteOption, wholeNumber } from './sharedOptions.ts'

interface LabOptions {
  readonly json?: boolean
}

/** The host of the site that a check from another terminal plays, unless the fault shows itself to another one. */
const vantage = 'gate01'

/** `postern lab`: the small network by itself, healthy or with a fault, for another terminal to check. */
export const configure: Configure = (command, shell, done) => {
  command.usage('list | up | fault NAME | tenant').addHelpText(
    'after',
    `
Examples:
  postern lab list                      the faults that the small network can play, and the verdict of each
  postern lab up                        the healthy network, until Ctrl-C; it prints how to check it
  postern lab fault expired             the network with that fault
  postern lab fault expired --json      the same for a program: servers, site file and command as one JSON object
  postern lab tenant --site gate.yaml   a tenant that imitates Entra ID, for a gate of your own
`,
  )
  command
    .command('list')
    .description('the faults, and the verdict that each must lead to')
    .option('--json', 'as JSON')
    .action(async ({ json: asJson }: LabOptions) => {
      const { faults } = await import('../../lab/index.ts')
      const rows = faults.map(({ id, title, breaks, expect }) => ({ id, title, breaks, expect }))
      const report: LabListReport = { postern: version, kind: 'lab-list', faults: rows }
      shell.stdout.write(asJson === true ? json(report) : listed(rows, shell))
      done(exitCodes.well)
    })
  command
    .command('up')
    .description('the healthy network, until Ctrl-C')
    .option('--json', 'what is up, and how to check it, as JSON')
    .action(async (options: LabOptions) => done(await hold(undefined, options, shell)))
  command
    .command('fault')
    .argument('[name]', 'one of postern lab list')
    .usage('NAME [options]')
    .description('the network with one fault, until Ctrl-C')
    .option('--json', 'what is up, and how to check it, as JSON')
    .action(async (name: string | undefined, options: LabOptions) => {
      if (name === undefined) throw new UsageError('postern lab fault: say which one (postern lab list names them)')
      done(await hold(name, options, shell))
    })
  configureTenant(command, shell, done)
  command.allowExcessArguments().action(() => {
    const [word] = command.args
    const unknown = word === undefined ? '' : `${quoted(word)} is no word of it, `
    throw new UsageError(`postern lab: ${unknown}say list, up, fault NAME or tenant`)
  })
}

function configureTenant(command: Command, shell: Shell, done: (exitCode: number) => void): void {
  addSiteOption(command.command('tenant'))
    .description('a tenant that imitates Entra ID, for a gate of your own, until Ctrl-C')
    .option(
      '--root <file>',
      'where the root of its certificate is written, relative to the site file',
      'tenant-root.pem',
    )
    .option('--misbehave <name>', 'a way to be wrong, to rehearse what the gate does then; --list names them')
    .option('--after <seconds>', 'behaves for so long before', wholeNumber(0, 86_400, 'seconds'))
    .option('--list', 'the ways to be wrong, and what a gate is to do')
    .addHelpText(
      'after',
      `
The site file has a gate with authority: https://localhost:8444 (any port), a secret, and the root under
trust.certificates. Nobody in the tenant is real, and no password is asked for.

Examples:
  postern lab tenant --site gate.yaml                                     beside postern serve --site gate.yaml
  postern lab tenant --site gate.yaml --misbehave keys-rotated --after 60
`,
    )
    .action(async (options: TenantVerbOptions) => {
      const { runLabTenant } = await import('../runLabTenant.ts')
      done(await runLabTenant(options, shell))
    })
}

type Row = Pick<Fault, 'id' | 'breaks' | 'asks' | 'expect'>

/** A line a fault; on a terminal its story goes on below where it began. */
function listed(rows: readonly Row[], shell: Shell): string {
  const idWidth = Math.max(...rows.map(({ id }) => columnsOf(id))) + 2
  const width = shell.stdout.isTerminal ? Math.max(20, shell.stdout.columns - idWidth) : Number.POSITIVE_INFINITY
  const lines = rows.flatMap(({ id, breaks, expect: { verdict, cause, owner } }) =>
    wrapText(`${breaks} -> ${verdict}: ${cause} (${owner})`, width).map(
      (line, at) => `${(at === 0 ? id : '').padEnd(idWidth)}${line}\n`,
    ),
  )
  const title = asTyped(`${rows.length} faults; postern lab fault NAME plays one`, shell.program)
  return `${title}\n\n${lines.join('')}`
}

/** Keeps the network up until the signal aborts. */
async function hold(name: string | undefined, options: LabOptions, shell: Shell): Promise<number> {
  const { faults } = await import('../../lab/index.ts')
  const fault = name === undefined ? undefined : faultNamed(name, faults)
  let lab: Lab | undefined
  try {
    lab = await openNetwork(shell)
    if (fault !== undefined) await playFault(lab, fault.id)
    shell.stdout.write(options.json === true ? json(described(lab, fault)) : introduced(lab, fault, shell.program))
    await sleep(2 ** 31 - 1, undefined, { signal: shell.signal })
  } catch (error) {
    // Whatever was waited for ends with Ctrl-C, and that is how this verb ends.
    if (!shell.signal.aborted) throw error
  } finally {
    await lab?.close()
  }
  const said = options.json === true ? shell.stderr : shell.stdout
  said.write('Stopped; nothing is left running.\n')
  return exitCodes.interrupted
}

/** For a program: what is up, and what to start, with which environment, to check it. */
function described(lab: Lab, fault: Row | undefined): LabReport {
  return {
    postern: version,
    kind: 'lab',
    ...(fault !== undefined && { fault: { id: fault.id, breaks: fault.breaks, expect: fault.expect } }),
    siteFile: lab.siteFile,
    servers: [...lab.servers],
    check: {
      args: ['check', '--site', lab.siteFile, '--from', fault?.expect.from ?? vantage, ...asking(fault)],
      environment: { ...lab.environment },
    },
  }
}

function introduced(lab: Lab, fault: Row | undefined, program: string | undefined): string {
  const width = Math.max(...lab.servers.map((server) => server.name.length))
  const servers = lab.servers.map(
    ({ name: server, address, port, what }) => `  ${server.padEnd(width)}  ${address}:${port}  ${what}\n`,
  )
  const state = fault === undefined ? ', healthy' : ` with the fault ${fault.id}: ${fault.breaks}`
  return `The small network is up${state}
${servers.join('')}
Check it from another terminal:
  ${asTyped([commandLine(lab, fault?.expect.from ?? vantage), ...asking(fault)].join(' '), program)}
Ctrl-C ends it.
`
}

/** What a check has to ask besides, so that the fault shows. */
function asking(fault: Row | undefined): readonly string[] {
  return fault?.asks === undefined ? [] : [`--${fault.asks}`]
}

/** The check as a line for the shell of this platform, with what its environment has to hold. */
function commandLine({ siteFile, environment }: Lab, from: string): string {
  const windows = process.platform === 'win32'
  const quoted = (text: string): string =>
    windows ? `"${text}"` : /^[\w/.:=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
  const settings = Object.entries(environment).map(([name, value]) =>
    windows ? `$env:${name}=${quoted(value)}; ` : `${name}=${quoted(value)} `,
  )
  return `${settings.join('')}postern check --site ${quoted(siteFile)} --from ${from}`
}
