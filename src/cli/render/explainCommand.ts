import { explainCommand, fieldLines, headline, paragraph } from './explainLayout.ts'
import type { ExplainPart } from './explainReport.ts'
import type { Page } from './page.ts'

type Part<Kind extends ExplainPart['kind']> = Extract<ExplainPart, { kind: Kind }>

/** A verb of the command line: what it does, how it is called, and where the whole of it stands. */
export function explainVerb(part: Part<'verb'>, page: Page): readonly string[] {
  const { verb, summary, usage, planned, options, examples, reference } = part
  return [
    ...headline(`${verb}: ${summary}`, page),
    ...fieldLines(
      [
        ['usage', usage],
        ['state', planned ? 'planned, and not part of this version' : undefined],
        ['options', options.join(', ')],
        ...examples.map(({ command, says }) => ['example', says === '' ? command : `${command} (${says})`] as const),
        ['reference', reference],
      ],
      page,
    ),
    ...(planned ? [] : paragraph(`next: postern ${verb} --help`, page)),
  ]
}

/** An option, in each of the senses that it has. */
export function explainOption({ option, uses, reference }: Part<'option'>, page: Page): readonly string[] {
  const [first] = uses
  const verbs = [...new Set(uses.flatMap((use) => use.verbs))]
  return [
    ...headline(
      uses.length === 1 ? `${option}: ${first?.says ?? ''}` : `${option}: an option of ${verbs.join(', ')}`,
      page,
    ),
    ...fieldLines(
      [
        ...uses.flatMap((use) => [
          ['written', use.flags] as const,
          [
            uses.length === 1 ? 'option of' : 'means',
            uses.length === 1 ? use.verbs.join(', ') : `${use.says} (${use.verbs.join(', ')})`,
          ] as const,
        ]),
        ['reference', reference],
      ],
      page,
    ),
    ...paragraph(`next: postern ${verbs[0] ?? ''} --help`, page),
  ]
}

/** A reason of the gate's record: what it says of which events, and the rule of a route that asks for it. */
export function explainReason({ reason, senses, reference }: Part<'reason'>, page: Page): readonly string[] {
  return [
    ...headline(
      `${reason}: ${senses.length === 1 ? (senses[0]?.says ?? '') : 'a reason in the record of the gate'}`,
      page,
    ),
    ...fieldLines(
      [
        ...senses.flatMap(({ kinds, outcome, says, asks }) => [
          ...(senses.length === 1 ? [] : [['means', says] as const]),
          ['events', `${kinds.join(', ')} that ended ${outcome}`] as const,
          ['asked by', asks === undefined ? undefined : `the rule ${asks} of a route`] as const,
        ]),
        ['reference', reference],
      ],
      page,
    ),
    ...paragraph(
      `next: postern audit-log tail shows events in words; docs/guide/gate.md says how routes are ruled`,
      page,
    ),
  ]
}

/** A word that the reports are written in. */
export function explainWord({ word, says, see }: Part<'word'>, page: Page): readonly string[] {
  return [
    ...headline(`${word}: ${says}`, page),
    ...fieldLines([['see also', see.map(explainCommand).join(', ')]], page),
  ]
}
