import type { Reader } from '../../reader.ts'
import type { ConfigurationFile } from '../../source.ts'
import { readJson } from '../../text/jsonTree.ts'
import { countStatements } from '../../text/statements.ts'
import { compileDocument } from './compileDocument.ts'
import { emptyDocument } from './document.ts'
import { readNftJson } from './fromJson.ts'
import { parseScripts } from './parseScript.ts'

/**
 * Reads nftables: what `nft list ruleset` writes, scripts with definitions and includes, and the JSON of
 * `nft -j list ruleset` (nft(8), libnftables-json(5)). The files of one device, one after the other, as if loaded so.
 */
export const read: Reader = (files, hints) => {
  const statements = countStatements()
  const document = emptyDocument(statements)
  const isJson = ({ text }: ConfigurationFile): boolean => /^[\s\uFEFF]*[[{]/.test(text)
  for (const file of files.filter(isJson)) {
    const found = readJson(file)
    if ('ok' in found) readNftJson(found.ok, document)
    else {
      statements.unread(found.fault.span, found.fault.why)
      document.doubts.push({ kind: 'unread', what: `what ${file.name} says` })
    }
  }
  parseScripts(
    files.filter((file) => !isJson(file)),
    document,
  )
  const name = files[0]?.name ?? 'nftables'
  const ruleSet = compileDocument(document, name, hints)
  // `flush ruleset` alone is a rule set as well: everything passes.
  const isEmpty = statements.coverage().understood === 0 && document.doubts.length === 0
  return { ruleSets: isEmpty ? [] : [ruleSet], coverage: statements.coverage() }
}

export { write } from './write.ts'
