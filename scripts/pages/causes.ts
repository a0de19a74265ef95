import { causeRows } from '../../src/diagnose/index.ts'
import { causesByLayer } from '../../src/model/cause.ts'
import { page } from './markdown.ts'

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
    layers.join('\n'),
  )
}
