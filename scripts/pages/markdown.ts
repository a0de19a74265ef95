/** A table of Markdown; cells may hold any text, pipes and line breaks are written so that they stay in their cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |\n`
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('')
}

function cell(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replace(/\s*\n\s*/g, ' ')
}

/** What stands at the top of every page that is made from the code. */
export function page(title: string, says: string, body: string): string {
  return `# ${title}\n\n<!-- Made from the code by npm run generate: change the table there, not here. -->\n\n${says}\n\n${body}`
}
