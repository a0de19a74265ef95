import type { AccessReport } from '../../model/accessReport.ts'
import { fieldLines, headline } from './explainLayout.ts'
import type { Page } from './page.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'

const nextWords: Readonly<Record<NonNullable<AccessReport['next']>, string>> = {
  'sign-in': 'sign in: a browser is sent to do so, an API client is answered 401',
  'step-up': 'sign in once more, stronger',
  ask: 'ask whoever assigns app roles and groups',
  nothing: 'this is not for whoever asks: the rule itself would have to change',
}

/** Whether a request passes, first; then what each way in asks for; what to do last. */
export function accessText(report: AccessReport, page: Page): string {
  const { allowed, because, says, request, route, backend, ways, next, context, recorded } = report
  const { method, host, path, who, objectId, tenantId, address, at } = request
  const verdict = paint(verdictOf(report), allowed ? 'good' : 'bad', page.colour)
  const named = objectId === undefined ? who : `${who} ${objectId} of the tenant ${tenantId}`
  const lines = [
    `${plain(`${method} ${host}${path}`)} ${verdict}: ${plain(says)}${because === 'allowed' || because === 'denied' ? '' : ` (${because})`}`,
    ...fieldLines(
      [
        ['who', named],
        ['from', address ?? 'an address that is in no list (--address gives one)'],
        ['at', at],
        ['backend', backend],
        ['trace', recorded?.traceId],
        ['route', route && (route.path === undefined ? route.id : `${route.id}: ${route.path}`)],
      ],
      page,
    ),
    ...ways.flatMap(({ at: place, asked }) => [
      '',
      ...headline(`way in ${place + 1}${asked.every(({ ok }) => ok) && asked.length > 0 ? ', open' : ''}`, page),
      ...fieldLines(
        asked.map(({ asks, ok, reason, says: missing }) => [asks, ok ? `holds (${reason})` : `${missing} (${reason})`]),
        page,
      ),
    ]),
    ...(recorded === undefined ? [] : ['', ...headline('the record', page), ...recordedLines(recorded.events, page)]),
    ...(next === undefined
      ? []
      : ['', ...fieldLines([['next', `${nextWords[next]}${context === undefined ? '' : `: ${context}`}`]], page)]),
  ]
  return `${lines.join('\n')}\n`
}

/** Of what was recorded, in the past: what the rules are now may be something else. */
function verdictOf({ allowed, recorded }: AccessReport): string {
  if (recorded === undefined) return allowed ? 'passes' : 'is denied'
  return allowed ? 'passed' : 'was denied'
}

function recordedLines(events: NonNullable<AccessReport['recorded']>['events'], page: Page): readonly string[] {
  return fieldLines(
    events.map(({ time, activity, outcome, reason, says, status }) => [
      time,
      `${activity} ${outcome}${status === undefined ? '' : `, answered ${status}`}: ${says} (${reason})`,
    ]),
    page,
  )
}
