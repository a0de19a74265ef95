import { Document, isMap, isNode, isSeq } from 'yaml'
import { plainText } from '../../writing/plainText.ts'

/** A manifest, and what is said of the items of its lists: `egress` by the members of `spec` that have them. */
export interface Manifest {
  readonly value: object
  readonly comments: Readonly<Record<string, readonly string[]>>
}

/** YAML documents behind one comment; each item of a list in `spec` has its own before it. */
export function manifestText(manifests: readonly Manifest[], heading: readonly string[]): string {
  const head = heading.map((line) => `# ${plainText(line, 1000)}\n`).join('')
  return `${head}${manifests.map((manifest) => `---\n${documentText(manifest)}`).join('')}`
}

function documentText({ value, comments }: Manifest): string {
  // Aliases would be read by few people, and blank lines by none.
  const document = new Document(value, { aliasDuplicateObjects: false })
  const spec = document.get('spec')
  for (const [name, lines] of Object.entries(comments)) {
    const list = isMap(spec) ? spec.get(name) : undefined
    for (const [at, item] of isSeq(list) ? list.items.entries() : []) {
      const line = lines[at]
      if (line !== undefined && isNode(item)) item.commentBefore = ` ${plainText(line, 2000)}`
    }
  }
  return document.toString({ lineWidth: 0 })
}
