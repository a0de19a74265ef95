/** Arguments and blocks of one block of Terraform, in their order. */
export interface HclBlock {
  /** `resource "azurerm_network_security_group" "hq"`: its type and labels. */
  readonly type: string
  readonly labels?: readonly string[]
  readonly arguments: Readonly<Record<string, HclValue>>
  readonly blocks?: readonly HclBlock[]
}

export type HclValue = string | number | boolean | readonly string[] | { readonly expression: string }

/** Writes a block of Terraform's language (HCL native syntax), every string so that nothing in it is a template. */
export function hclText({ type, labels = [], arguments: given, blocks = [] }: HclBlock, margin = ''): string {
  const inner = `${margin}  `
  const entries = Object.entries(given)
  const width = Math.max(0, ...entries.map(([name]) => name.length))
  const head = [type, ...labels.map(quoted)].join(' ')
  const lines = [
    ...entries.map(([name, value]) => `${inner}${name.padEnd(width)} = ${valueText(value)}\n`),
    ...blocks.map((block, at) => `${at === 0 && entries.length === 0 ? '' : '\n'}${hclText(block, inner)}`),
  ]
  return `${margin}${head} {\n${lines.join('')}${margin}}\n`
}

function valueText(value: HclValue): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object') return String(value)
  return 'expression' in value ? value.expression : `[${value.map(quoted).join(', ')}]`
}

function quoted(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('${', () => '$${')
    .replaceAll('%{', '%%{')
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
  return `"${escaped}"`
}
