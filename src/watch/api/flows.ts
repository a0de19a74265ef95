import { owners } from '../../model/cause.ts'
import { features } from '../../model/feature.ts'
import { cloudRoles, groupRoles, siteRoles } from '../../model/role.ts'
import { verdictKinds } from '../../model/verdict.ts'
import type { FlowBoard, Watching } from './flowBoard.ts'
import { incidentsBySubject } from './flowBoard.ts'
import type { QueryOf } from './parameter.ts'
import { resource } from './resource.ts'

const query = {
  verdict: { kind: 'choices', words: verdictKinds, what: 'Of the newest look.' },
  well: { kind: 'choice', words: ['true', 'false'], what: 'Whether the newest look found it as it has to be.' },
  owner: { kind: 'choices', words: owners, what: 'Whose turn it is.' },
  host: { kind: 'text', most: 255, what: 'A host, network or cloud role at either end, or the name that is dialled.' },
  role: { kind: 'choices', words: [...siteRoles, ...cloudRoles, ...groupRoles], what: 'Of either end.' },
  feature: { kind: 'choices', words: features, what: 'That calls for it.' },
  text: { kind: 'text', most: 255, what: 'Stands in its title, key, purpose, address or what is said of it.' },
  limit: { kind: 'count', least: 1, most: 500, usual: 100, what: 'Flows of a page.' },
  cursor: { kind: 'text', most: 2048, what: 'What `next` of the page before said.' },
} as const

export const flows = resource({
  method: 'GET',
  path: '/flows',
  what: 'Flows that are watched, as they stand, a page at a time.',
  query,
  answer: 'Flows',
  handle({ watched, board, store, now }, { query: asked }) {
    const after = asked.cursor === undefined ? '' : decoded(asked.cursor)
    if (after === undefined) {
      return {
        problem: 'bad-parameter',
        parameter: 'cursor',
        detail: 'the cursor is none of this server',
        remedy: 'give what next of the page before said, or leave it out for the first page',
      }
    }
    const matching = board.watching(watched().flows).filter((one) => isAsked(one, asked, board))
    const left = after === '' ? matching : matching.filter(({ key }) => key > after)
    const page = left.slice(0, asked.limit)
    const last = page.at(-1)
    const at = now()
    const incidents = incidentsBySubject(store.openIncidents())
    return {
      ok: {
        flows: page.map((one) => board.answer(one, at, incidents)),
        total: matching.length,
        ...(last !== undefined && left.length > page.length && { next: encoded(last.key) }),
      },
    }
  },
})

function isAsked({ key, title, flow }: Watching, asked: QueryOf<typeof query>, board: FlowBoard): boolean {
  const { verdict, well, owner, host, role, feature, text } = asked
  const stand = board.stand(key)
  const { target } = flow
  const isOneOf = <Word>(words: readonly Word[] | undefined, ...has: readonly (Word | undefined)[]): boolean =>
    words === undefined || has.some((word) => word !== undefined && words.includes(word))
  if (!isOneOf(verdict, stand?.sample.verdict) || !isOneOf(owner, stand?.owner)) return false
  if (well !== undefined && stand?.sample.isWell !== (well === 'true')) return false
  if (!isOneOf(role, flow.fromRole, flow.toRole) || !isOneOf(feature, ...flow.features)) return false
  const ends = [flow.from, flow.to, target.name, target.pattern]
  if (host !== undefined && !ends.some((end) => end?.toLowerCase() === host.toLowerCase())) return false
  if (text === undefined) return true
  const wanted = text.toLowerCase()
  const told = [title, key, flow.purpose, target.name, stand?.sample.address, stand?.sample.cause, stand?.says]
  return told.some((one) => one?.toLowerCase().includes(wanted))
}

function encoded(key: string): string {
  return Buffer.from(key).toString('base64url')
}

/** @returns undefined for what is no cursor */
function decoded(cursor: string): string | undefined {
  const key = Buffer.from(cursor, 'base64url').toString()
  return key !== '' && encoded(key) === cursor ? key : undefined
}
