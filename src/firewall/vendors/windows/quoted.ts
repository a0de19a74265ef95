/** A literal string of PowerShell: between single quotes nothing is expanded, and a quote, also a curly one, is doubled (about_Quoting_Rules). */
export function quoted(text: string): string {
  return `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`
}
