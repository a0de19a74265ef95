import assert from 'node:assert/strict'
import { test } from 'node:test'
import { incidentOf } from '../../test/historySamples.ts'
import type { Alert, Incident } from '../model/incident.ts'
import { toldLines, watchedLines } from './upWatchLines.ts'

const plain = { width: 80, colour: false }
const at = Date.UTC(2026, 2, 28, 12, 0, 7)

function alertOf(reason: Alert['reason'], incident: Incident): Alert {
  return { id: incident.id, at, reason, site: 'lab', from: 'gate01', incident }
}

test('a line has its time and its word, and goes on beneath its words within the width', () => {
  const text = watchedLines(at, 'broken', [{ text: 'word '.repeat(40) }], plain)
  const lines = text.trimEnd().split('\n')
  assert.ok(lines.length > 2 && lines.every((line) => line.length <= 80))
  assert.match(lines[0] ?? '', /^12:00:07Z {2}broken {4}word/)
  assert.match(lines[1] ?? '', /^ {21}word/)
})

test('an incident says how many flows it has, what is to be done, and once that it is over', () => {
  const [one] = incidentOf('11111111-1111-4111-8111-111111111111', {}).consequences
  assert.ok(one)
  const incident = incidentOf('11111111-1111-4111-8111-111111111111', {
    suspect: { kind: 'certificate', name: 'ab'.repeat(32) },
    since: at - 31_000,
    consequences: [{ ...one, until: at }, one, one],
    consequencesLeftOut: 20,
  })
  const lines = (reason: Alert['reason']): string => toldLines({ alerts: [alertOf(reason, incident)] }, plain)
  assert.match(lines('opened'), /^12:00:07Z {2}incident {2}23 flows, one cause: filtered-silently \(high, firewall\)$/m)
  assert.equal(lines('recovered'), '12:00:07Z  over      certificate abababab…: 23 flows well again, after 31 s\n')
  assert.equal(lines('reminder'), '')
})

test('what others wrote reaches no terminal as it is', () => {
  const incident = incidentOf('11111111-1111-4111-8111-111111111111', { says: 'a host called \u001b[31mred\u0007' })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
  assert.doesNotMatch(toldLines({ alerts: [alertOf('opened', incident)] }, plain), /[\u001b\u0007]/)
})

test('colour is for the word of the line, and takes no column', () => {
  const [one] = watchedLines(at, 'over', [{ text: 'well again' }], { width: 80, colour: true }).split('\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is taken out
  assert.equal(one?.replace(/\u001b\[\d*m/g, ''), '12:00:07Z  over      well again')
  assert.ok(one?.includes('\u001b[32mover\u001b[0m'))
})
