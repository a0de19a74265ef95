import type { Command } from 'commander'
import { quoted } from '../../config/quoted.ts'
import { isGuid } from '../../model/guid.ts'
import type { Which } from '../../store/sessions/index.ts'
import { sessionsFormats } from '../render/index.ts'
import type { SessionsOptions } from '../runSessions.ts'
import { endSessions, listSessions } from '../runSessions.ts'
import { UsageError } from '../shell.ts'
import type { Configure } from './index.ts'
import { addSharedOptions, addSiteOption } from './sharedOptions.ts'

interface EndOptions extends SessionsOptions {
  readonly person?: string
  readonly all?: true
}

/** `postern sessions`: who is signed in at the gate, and how to end that. */
export const configure: Configure = (command, shell, done) => {
  command.usage('list|end').addHelpText(
    'after',
    `
Examples:
  postern sessions list                                who is signed in
  postern sessions end 0123456789abcdef                one session, by the name that the list and the record have
  postern sessions end --person TENANT-ID/OBJECT-ID    all of a person
  postern sessions end --all                           everybody signs in anew
`,
  )
  shared(command.command('list'))
    .usage('[options]')
    .description('lists who is signed in at the gate')
    .action(async (options: SessionsOptions) => done(await listSessions(options, shell)))
  shared(command.command('end'))
    .argument('[session]', 'the name of a session')
    .usage('SESSION | --person TENANT-ID/OBJECT-ID | --all')
    .description('ends sessions at once, and what is open of them')
    .option('--person <ids>', 'all sessions of a person: tenant id and object id with a slash between them')
    .option('--all', 'every session')
    .addHelpText(
      'after',
      `
A gate that runs closes what is open of them within a moment and records it. Whoever may still come can sign in again: to
keep somebody out, block the account or take away the role.
`,
    )
    .action(async (session: string | undefined, options: EndOptions) =>
      done(await endSessions(whichOf(session, options), options, shell)),
    )
  command.allowExcessArguments().action(() => {
    const [word] = command.args
    const unknown = word === undefined ? '' : `${quoted(word)} is no word of it, `
    throw new UsageError(`postern sessions: ${unknown}say list or end`)
  })
}

function shared(command: Command): Command {
  return addSharedOptions(addSiteOption(command), Object.keys(sessionsFormats))
}

function whichOf(session: string | undefined, { person, all }: EndOptions): Which {
  const given = [session, person, all].filter((one) => one !== undefined)
  if (given.length !== 1) {
    throw new UsageError('postern sessions end: name a session, or give --person TENANT-ID/OBJECT-ID, or --all')
  }
  if (session !== undefined) {
    if (/^[0-9a-f]{16}$/.test(session)) return { name: session }
    throw new UsageError(`${quoted(session)} is no name of a session, which has 16 digits (postern sessions list)`)
  }
  if (person === undefined) return 'all'
  const [tenantId = '', objectId = '', ...rest] = person.toLowerCase().split('/')
  if (isGuid(tenantId) && isGuid(objectId) && rest.length === 0) return { tenantId, objectId }
  throw new UsageError(`--person: ${quoted(person)} is no person, write TENANT-ID/OBJECT-ID as the list has them`)
}
