import type { RuleToWrite } from './rulesToWrite.ts'

/** What objects and groups for the ends of a rule are called; of names that stand together no single one tells. */
export function endLabels({ permits: [{ from, to }], to: said }: RuleToWrite): {
  readonly from: string
  readonly to: string
} {
  const isList = said.kind === 'names' && said.names.length > 1
  return { from: from.label, to: isList ? `names for ${from.label}` : to.label }
}
