import { shellWord } from './asTyped.ts'
import type { AuditOptions } from './runAudit.ts'

/** The command that audits the same again: `postern audit edge.nft --site hq.yaml`. */
export function againAuditCommand(files: readonly string[], options: AuditOptions): string {
  const { site, vendor, flow = [], in: comesBy, outIf, as, tags = [], names = [], with: beside } = options
  const words = [
    ...files,
    ...(site === undefined ? [] : ['--site', site]),
    ...(vendor === undefined ? [] : ['--vendor', vendor]),
    ...flow.flatMap((text) => ['--flow', text]),
    ...(comesBy === undefined ? [] : ['--in', comesBy]),
    ...(outIf === undefined ? [] : ['--out-if', outIf]),
    ...(as === undefined ? [] : ['--as', as]),
    ...tags.flatMap((file) => ['--tags', file]),
    ...names.flatMap((file) => ['--names', file]),
    ...(beside === undefined ? [] : ['--with', beside]),
  ]
  return ['postern audit', ...words.map(shellWord)].join(' ')
}
