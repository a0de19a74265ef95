import { eventReasons } from '../../src/cli/eventReasons.ts'
import { gateSchema } from '../../src/config/gateSchema.ts'
import { steps } from '../../src/gate/steps/index.ts'
import { criteria } from '../../src/identity/index.ts'
import { page, table } from './markdown.ts'
import type { Setting } from './settings.ts'
import { settingRows, settingsOfSection } from './settings.ts'

/** Every setting of the gate, read off the schema that site files are judged by. */
export function gateSettings(): readonly Setting[] {
  return settingsOfSection(gateSchema, 'gate')
}

/** `docs/reference/gate.md`: every setting of the gate, what it asks in which order, and the words of its record. */
export function gatePage(): string {
  const settings = settingRows(gateSettings())
  const asked = steps.map(({ name, what }, at) => [String(at + 1), name, what])
  const reasons = Object.entries(criteria).flatMap(([key, { what, reasons }]) =>
    reasons.map(({ ok, denied, says }, at) => [at === 0 ? `\`${key}\`` : '', at === 0 ? what : '', ok, denied, says]),
  )
  return page(
    'The gate',
    `Settings of \`postern serve\`, under \`gate:\` of the site file, and the words of its record. A setting without a usual value that is
left out is not there: nothing is assumed for it.

Cookies do not tell ports apart (RFC 6265 §8.5): whatever else is served under the gate’s host name, at any port, is sent the cookie
of a session and can set one. Give the gate a host name of its own.`,
    [
      `## Settings\n\n${table(['key', 'unit or type', 'range', 'usual', 'what'], settings)}`,
      `## What a request is asked\n\nIn this order; the first that settles it does.\n\n${table(['', 'step', 'what'], asked)}`,
      `## Reasons of access\n\n${table(['criterion', 'asks for', 'held', 'denied', 'says'], reasons)}`,
      `## Reasons of the record\n\nBeside those of access, by the kind of the event. \`postern explain-access --recorded\` says them of a request.\n\n${table(
        ['kind', 'reason', 'outcome', 'says'],
        eventReasons
          .filter(({ asks }) => asks === undefined)
          .map(({ kinds, reason, outcome, says }) => [kinds.join(', '), `\`${reason}\``, outcome, says]),
      )}`,
    ].join('\n'),
  )
}
