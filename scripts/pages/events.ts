import { eventKinds } from '../../src/model/event.ts'
import type { OcsfActivity } from '../../src/store/record/ocsf.ts'
import { ocsfClasses, ocsfVersion } from '../../src/store/record/ocsf.ts'
import { page, table } from './markdown.ts'

/** `docs/reference/events.md`: what the record holds, and how it is told in OCSF. */
export async function eventsPage(): Promise<string> {
  const named = ({ id, name }: OcsfActivity): string => `${id} ${name}`
  const classes = eventKinds.map((kind) => {
    const { category, id, name, activities, usual } = ocsfClasses[kind]
    const each = Object.entries(activities).map(([activity, told]) => `${activity}: ${named(told)}`)
    const rest = `else ${usual === undefined ? '99 Other' : named(usual)}`
    return [kind, `${category.id} ${category.name}`, `${id} ${name}`, [...each, rest].join(', ')]
  })
  return page(
    'Events',
    `The record of the gate is a folder of files with one JSON object a line. \`postern audit-log export\` writes its events, as they
stand or in OCSF ${ocsfVersion} (\`--format ocsf\`).`,
    `## Lines

A line that begins with \`{"activity":\` is an event ([its shape](recorded-event.schema.json)); every other one is a mark.
Members stand in the order of their names (RFC 8785), and \`chain\` last. It is the SHA-256, in hexadecimal, of the \`chain\` of the
line before and the text of the line without its own \`,"chain":"…"\`; before the first line of the first file stand 64 zeros.

Marks are signed (Ed25519 over the mark without \`chain\` and \`signature\`, in the same order), say where they stand (\`file\`,
\`line\`, \`events\` so far, \`previous\`), and so vouch for all that stands before them:

${table(
  ['mark', 'what it says'],
  [
    [
      'head',
      'a file begins; `previous` is the last chain of the file before, `shown` the time that is believed where the clock is not',
    ],
    [
      'checkpoint',
      'every so many seconds with events, and every 100,000 events; the newest is in `checkpoint.json` as well',
    ],
    ['removed', 'the files up to `through` were removed by age or size; `last` is the chain that they ended with'],
    [
      'torn',
      'a sudden end had torn what was being written; its octets, of which nobody was told that they are kept, are in the file `aside`',
    ],
  ],
)}
## OCSF

${table(['kind', 'category', 'class', 'activity_id by activity, for http_activity by method'], classes)}
A \`network_activity\` that was denied is 5 Refuse, one that failed is 4 Fail.

${table(
  ['member', 'OCSF'],
  [
    ['time', '`time` in milliseconds, `metadata.original_time`'],
    ['uid', '`metadata.uid`'],
    [
      'outcome',
      '`status_id`: 1 Success for ok, else 2 Failure; `severity_id`: 1 for ok, 2 for denied, 3 for failed, 4 for every finding; with network classes `action_id` and `disposition_id` (profile security_control)',
    ],
    ['reason', '`status_code`; of a finding also `finding_info.title`'],
    [
      'actor',
      '`actor.user`, and `user` where the class asks for one: `uid` is the object id, `org.uid` the tenant id; `type_id` 1 for people, 99 Application',
    ],
    ['src, dst', '`src_endpoint`, `dst_endpoint`: `ip` and `port`'],
    ['http', '`http_request.http_method`, `http_request.url`, `http_response.code`, `dst_endpoint.hostname`'],
    ['traceId', '`metadata.correlation_uid`'],
    ['session', '`session.uid` with authentication and authorization, else `unmapped.session`'],
    ['route', '`unmapped.route`; with authorization also `privileges`'],
    ['count', '`count`'],
    ['activity, detail, chain', '`unmapped`'],
  ],
)}`,
  )
}
