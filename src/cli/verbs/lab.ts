import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../lab/index.ts'
import { playFault } from '../playFault.ts'
import { json } from '../render/json.ts'
import { wrapText } from '../render/wrapText.ts'
import type { Shell } from '../shell.ts'
import { exitCodes, UsageError } from '../shell.ts'
import { version } from '../version.ts'
import type { Configure } from './index.ts'

interface LabOptions {
  readonly json?: boolean
}

/** `postern lab`: the small network by itself, healthy or with a fault, for another terminal to check. */
export const configure: Configure = (command, shell, done) => {
  command.usage('list | up | fault NAME').addHelpText(
    'after',
    `
Examples:
  postern lab list                      the faults that the small network can play, and the verdict of each
  postern lab up                        the healthy network, until Ctrl-C; it prints its site file
  postern lab fault expired             the network with that fault
  postern check --site FILE             ... in another terminal
`,
  )
  command
    .command('list')
    .description('the faults, and the verdict that each must lead to')
    .option('--json', 'as JSON')
    .action(async ({ json: asJson }: LabOptions) => {
      const { faults } = await import('../../lab/index.ts')
      const rows = faults.map(({ id, title, breaks, expect }) => ({ id, title, breaks, expect }))
      shell.stdout.write(
        asJson === true ? json({ postern: version, kind: 'lab-list', faults: rows }) : listed(rows, shell),
      )
      done(exitCodes.well)
    })
  command
    .command('up')
    .description('the healthy network, until Ctrl-C')
    .action(async () => done(await hold(undefined, shell)))
  command
    .command('fault')
    .argument('<name>', 'one of postern lab list')
    .description('the network with one fault, until Ctrl-C')
    .action(async (name: string) => done(await hold(name, shell)))
  command.action(() => {
    throw new UsageError('postern lab: say list, up or fault NAME')
  })
}

type Row = {
  readonly id: string
  readonly breaks: string
  readonly expect: { readonly verdict: string; readonly cause: string; readonly owner: string }
}

function listed(rows: readonly Row[], shell: Shell): string {
  const width = shell.stdout.isTerminal ? shell.stdout.columns : Number.POSITIVE_INFINITY
  const blocks = rows.map(({ id, breaks, expect }) => {
    const lines = [
      ...wrapText(breaks, width - 2),
      ...wrapText(`leads to ${expect.verdict}: ${expect.cause} (${expect.owner})`, width - 2),
    ]
    return `${id}\n${lines.map((line) => `  ${line}\n`).join('')}`
  })
  return `${rows.length} faults; postern lab fault NAME plays one\n\n${blocks.join('')}`
}

/** Keeps the network up until the signal aborts. */
async function hold(name: string | undefined, shell: Shell): Promise<number> {
  const { faults, openLab } = await import('../../lab/index.ts')
  const fault = faults.find(({ id }) => id === name)
  if (name !== undefined && fault === undefined) {
    throw new UsageError(`no fault is called "${name}"; postern lab list names them`)
  }
  let lab: Lab | undefined
  try {
    lab = await openLab({ signal: shell.signal })
    if (fault !== undefined) await playFault(lab, fault.id)
    introduce(lab, fault, shell)
    await sleep(2 ** 31 - 1, undefined, { signal: shell.signal })
  } catch (error) {
    // Whatever was waited for ends with Ctrl-C, and that is how this verb ends.
    if (!shell.signal.aborted) throw error
  } finally {
    await lab?.close()
  }
  shell.stdout.write('Stopped; nothing is left running.\n')
  return exitCodes.interrupted
}

function introduce(lab: Lab, fault: Pick<Row, 'id' | 'breaks'> | undefined, shell: Shell): void {
  const width = Math.max(...lab.servers.map((server) => server.name.length))
  const servers = lab.servers.map(
    ({ name: server, address, port, what }) => `  ${server.padEnd(width)}  ${address}:${port}  ${what}\n`,
  )
  shell.stdout.write(
    `The small network is up${fault === undefined ? ', healthy' : ` with the fault ${fault.id}: ${fault.breaks}`}\n`,
  )
  shell.stdout.write(
    `${servers.join('')}\nCheck it from another terminal:\n  postern check --site ${lab.siteFile} --from gate01\nCtrl-C ends it.\n`,
  )
  if (lab.machineRoots.length > 0) {
    shell.stderr.write(
      'This fault has an inspector whose root the machine would trust; a check from another terminal does not trust it.\n',
    )
  }
}
