import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { quoted } from '../../config/quoted.ts'
import type { EventKind } from '../../model/event.ts'
import { eventKinds } from '../../model/event.ts'
import { auditLogFormats } from '../render/index.ts'
import type { AuditLogOptions, ExportOptions, TailOptions, VerifyOptions } from '../runAuditLog.ts'
import { exportFormats, exportRecord, tailRecord, verifyFolder } from '../runAuditLog.ts'
import type { Shell } from '../shell.ts'
import { UsageError } from '../shell.ts'
import type { Configure } from './index.ts'
import { addSharedOptions, addSiteOption, listed, wholeNumber } from './sharedOptions.ts'

const examples = `
FOLDER is that of gate.record in the site file, unless it is given.

Examples:
  postern audit-log verify                                     whether the record is as it was written
  postern audit-log verify --checkpoint kept.json              and whether it still holds what was signed that day
  postern audit-log export --since 2026-11-01 --format ocsf    events of this month for a SIEM, one a line
  postern audit-log export --kind authentication --out sign-ins.jsonl
  postern audit-log tail --follow                              what happens now, in words
`

/** `postern audit-log`: the record of the gate, verified, exported and shown. */
export const configure: Configure = (command, shell, done) => {
  command.usage('verify|export|tail [FOLDER]').addHelpText('after', examples)
  configureVerify(command, shell, done)
  configureExport(command, shell, done)
  configureTail(command, shell, done)
  command.allowExcessArguments().action(() => {
    const [word] = command.args
    const unknown = word === undefined ? '' : `${quoted(word)} is no word of it, `
    throw new UsageError(`postern audit-log: ${unknown}say verify, export or tail`)
  })
}

function configureVerify(command: Command, shell: Shell, done: (exitCode: number) => void): void {
  const verify = command
    .command('verify')
    .argument('[folder]', 'the folder of the record (default: that of the site file)')
    .usage('[FOLDER] [options]')
    .description('says whether the record is as it was written, or the first place where it is not')
  addSharedOptions(addSiteOption(verify), Object.keys(auditLogFormats))
    .option('--checkpoint <file>', 'a signed checkpoint that was kept elsewhere: the record must hold it', listed)
    .option('--public-key <file>', 'the public key that was kept elsewhere (default: record.pub in the folder)')
    .addHelpText(
      'after',
      `
Each line follows from the one before it (SHA-256), and signatures in between vouch for all that stands before them
(Ed25519). Whoever can write to the folder can replace its key as well, and cut off what is behind a signature: keep
record.pub and now and then checkpoint.json where the gate cannot write, and compare with them.

The exit code is 0 when the record is as it was written, 1 when it is not, 2 when there is none or it cannot be read.
`,
    )
    .action(async (folder: string | undefined, options: VerifyOptions) =>
      done(await verifyFolder(folder, options, shell)),
    )
}

function configureExport(command: Command, shell: Shell, done: (exitCode: number) => void): void {
  const exported = command
    .command('export')
    .argument('[folder]', 'the folder of the record (default: that of the site file)')
    .usage('[FOLDER] [options]')
    .description('writes the events as JSON, one a line')
  addSelection(addSharedOptions(addSiteOption(exported), exportFormats))
    .option('--since <time>', 'from this time on: 2026-11-20 or 2026-11-20T09:30:00Z', timeOf)
    .option('--until <time>', 'up to this time, itself left out', timeOf)
    .addHelpText(
      'after',
      `
json: as they stand in the record (docs/reference/recorded-event.schema.json). ocsf: OCSF 1.3.0, by the table in
docs/reference/events.md. Nothing is verified. The exit code is 1 when a line could not be read, which stderr names.
`,
    )
    .action(async (folder: string | undefined, options: ExportOptions) =>
      done(await exportRecord(folder, options, shell)),
    )
}

function configureTail(command: Command, shell: Shell, done: (exitCode: number) => void): void {
  const tail = command
    .command('tail')
    .argument('[folder]', 'the folder of the record (default: that of the site file)')
    .usage('[FOLDER] [options]')
    .description('shows the last events in words')
  addSelection(addSiteOption(tail))
    .option('--follow', 'goes on with what comes, until Ctrl-C')
    .option('--lines <number>', 'so many, 1 to 10,000', wholeNumber(1, 10_000, 'lines'), 20)
    .option('--json', 'each as the line that it is in the record')
    .option('--no-color', 'no colour; colour is used on a terminal only')
    .action(async (folder: string | undefined, options: TailOptions) => done(await tailRecord(folder, options, shell)))
}

function addSelection(command: Command): Command {
  return command.option('--kind <kind>', `only events of these kinds: ${eventKinds.join(', ')}`, kindsOf)
}

function kindsOf(text: string, before: AuditLogOptions['kind']): readonly EventKind[] {
  return listed(text, before).map((word) => {
    const kind = eventKinds.find((each) => each === word)
    if (kind !== undefined) return kind
    throw new InvalidArgumentError(`${quoted(word)} is none of ${eventKinds.join(', ')}`)
  })
}

function timeOf(text: string): number {
  const at = /^\d{4}-\d\d-\d\d(T.+)?$/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new InvalidArgumentError(`${quoted(text)} is no time, write one such as 2026-11-20 or 2026-11-20T09:30:00Z`)
}
