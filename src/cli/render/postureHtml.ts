import { countOf } from './flowWords.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import type { PostureFact, PostureGroup } from './posture.ts'

/** What TLS servers also accept, as a table: a row for those that do the same. Nothing where it was not asked. */
export function postureHtml(groups: readonly PostureGroup[]): Html | undefined {
  if (groups.length === 0) return undefined
  const count = groups.reduce((sum, { servers }) => sum + servers.length, 0)
  return html`<section aria-labelledby="posture"><h2 id="posture">What TLS servers also accept, and what they show</h2>
<table role="table"><caption>${countOf(count, 'server')}${groups.length === 1 ? '' : `, those that do the same together`}</caption><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="col-flow">Servers</th><th role="columnheader" scope="col">Handshake</th><th role="columnheader" scope="col">Certificate</th></tr></thead><tbody role="rowgroup">${groups.map(row)}</tbody></table>
</section>`
}

function row({ servers, facts }: PostureGroup): Html {
  return html`<tr role="row"><th role="rowheader" scope="row"><ul>${servers.map(
    ({ port, place, ends }) =>
      html`<li><code>${port}</code> <span class="name">${place}</span>${ends === '' ? undefined : html` <span class="quiet small">${ends}</span>`}</li>`,
  )}</ul></th>${(['handshake', 'certificate'] as const).map(
    (about) => html`<td role="cell"><ul>${facts.filter((fact) => fact.about === about).map(line)}</ul></td>`,
  )}</tr>
`
}

function line({ name, words, odd }: PostureFact): Html {
  const said = words.join('; ')
  return html`<li><span class="quiet">${name}:</span> ${odd ? html`<strong class="look-degraded">${said}</strong>` : said}</li>`
}
