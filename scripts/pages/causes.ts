import { clientTimeouts, longRoundTrip } from '../../src/catalog/index.ts'
import { causeRows } from '../../src/diagnose/index.ts'
import { causesByLayer } from '../../src/model/cause.ts'
import { page, table } from './markdown.ts'

/** `docs/reference/causes.md`: every cause, by layer. */
export function causesPage(): string {
  const layers = Object.entries(causesByLayer).map(([layer, codes]) => {
    const causes = codes.map((code) => {
      const { verdict, owner, meaning, looksLike, toldApartBy, fix, next } = causeRows[code]
      return `### ${code}

${meaning}

- verdict: \`${verdict}\`, owner: \`${owner}\`
- looks like: ${looksLike}
- told apart by: ${toldApartBy}
- fix: ${fix}
- next: ${next}
`
    })
    return `## ${layer}\n\n${causes.join('\n')}`
  })
  return page(
    'Causes',
    `What a check, a capture or the monitor can name, lowest layer first. A cause of a later verb stands here too. Confidence:
\`certain\` is a direct statement (an ICMP message, a TLS alert, an answer) with no contrary control; \`likely\` is a control that
differs from the failure by two independent kinds of evidence; \`possible\` is one kind; \`undetermined\` is none.`,
    [...layers, waits()].join('\n'),
  )
}

/** What `high-latency` is held against. */
function waits(): string {
  const { roundTripMs, why, source } = longRoundTrip
  const rows = clientTimeouts.map(({ services, hosts, waits: what, waitMs, roundTrips, setting, source: page }) => [
    services.join(', '),
    `${waitMs / 1000} s that ${what}${hosts === undefined ? '' : `, at ${hosts.length} hosts of revocation`}`,
    `${roundTrips}`,
    setting ?? '',
    page,
  ])
  return `## How long clients wait

\`high-latency\` is said from ${roundTripMs} ms a round trip on, whoever the client is: ${why}. Source: ${source}.

Of these clients it is told as well when their wait comes near. Of all others, Connect Sync and the agents among them, the maker
publishes none.

${table(['services', 'wait', 'round trips within it', 'raised by', 'source'], rows)}`
}
