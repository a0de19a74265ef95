import { wrapText } from './render/wrapText.ts'

/**
 * Fits a help text to a terminal. What commander lays out fits already; an example that is wider has its meaning on the
 * lines below it, and prose is wrapped. A command is never broken, so that it can be copied.
 */
export function fitHelp(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap((line) => (line.length <= columns ? [line] : fitted(line, columns)))
    .join('\n')
}

function fitted(line: string, columns: number): readonly string[] {
  const [, example, means] = /^( {2}postern .*?)(?: {2,}(\S.*))?$/.exec(line) ?? []
  if (example === undefined) return wrapText(line, columns)
  return [example, ...(means === undefined ? [] : wrapText(means, columns - 6).map((part) => `      ${part}`))]
}
