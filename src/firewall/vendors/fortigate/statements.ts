import type { ConfigurationFile, Span } from '../../source.ts'
import { placesIn } from '../../text/placesIn.ts'

/** One command of FortiOS' command line: `set member "a" "b"`, with its quotes and escapes undone. */
export interface Statement {
  /** `set`, `edit`, `config`, in lower case. */
  readonly verb: string
  readonly words: readonly string[]
  /** Why it cannot be what the device has: a quote that is never closed, or that runs over other commands. */
  readonly fault?: string
  readonly span: () => Span
}

const verbs = ['config', 'edit', 'set', 'unset', 'append', 'next', 'end']

/**
 * Splits a text into commands. Values in quotes may run over lines (certificates, replacement messages); `\` takes what
 * follows as it is. Lines of comment (`#`) are no commands; a prompt before a command (`FGT (policy) # set …`) is left
 * out, and a prompt followed by anything but a command is the user's own `show`.
 */
export function statementsOf(file: ConfigurationFile): {
  readonly statements: readonly Statement[]
  readonly lead: string
} {
  const { text } = file
  const places = placesIn(file)
  const statements: Statement[] = []
  const comments: string[] = []
  // A kind of quote that was opened and never closed cannot be closed further on either: it is looked for once.
  const neverClosed = new Set<string>()
  let at = text.startsWith('\uFEFF') ? 1 : 0
  while (at < text.length) {
    const start = skipBlanks(text, at)
    if (text[start] === '#') {
      at = endOfLine(text, start)
      if (comments.length < 20) comments.push(text.slice(start, at))
      at += 1
      continue
    }
    const { words, end, fault } = wordsFrom(text, afterPrompt(text, start), neverClosed)
    at = end + 1
    const [verb, ...rest] = words
    if (verb === undefined) continue
    statements.push({
      verb: verb.toLowerCase(),
      words: rest,
      ...(fault !== undefined && { fault }),
      span: () => places.span(start, end),
    })
  }
  return { statements, lead: comments.join('\n') }
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (at < text.length && /\s/.test(text[at] ?? '')) at += 1
  return at
}

function endOfLine(text: string, from: number): number {
  let at = from
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at += 1
  return at
}

/** Behind `FGT-1 # ` and `FGT-1 (policy) $ `, when a command follows. */
function afterPrompt(text: string, start: number): number {
  const prompt = /^([\w.-]{1,63}) (?:\([^)\r\n]{1,80}\) )?[#$] ?/.exec(text.slice(start, start + 160))
  return prompt === null || verbs.includes(prompt[1] ?? '') ? start : start + prompt[0].length
}

interface Words {
  readonly words: readonly string[]
  readonly end: number
  readonly fault: string | undefined
}

/** Values that hold commands or pages of their own: scripts of automation, replacement messages. */
const holdCommands = ['script', 'buffer']
const looksLikeCommand = /[\r\n]\s*(?:(?:set|edit|config|unset|append)\s+\S|(?:next|end)\s*(?:[\r\n]|$))/

function wordsFrom(text: string, start: number, neverClosed: Set<string>): Words {
  const words: string[] = []
  let word: string | undefined
  let fault: string | undefined
  let at = start
  for (; at < text.length; at += 1) {
    const unit = text[at] ?? ''
    if (unit === '\n' || unit === '\r') break
    if (unit === ' ' || unit === '\t') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (unit === '\\' && at + 1 < text.length && !/[\r\n]/.test(text[at + 1] ?? '')) {
      at += 1
      word = (word ?? '') + text[at]
    } else if ((unit === '"' || (unit === "'" && word === undefined)) && !neverClosed.has(unit)) {
      const quoted = quotedFrom(text, at + 1, unit)
      if (quoted === undefined) {
        neverClosed.add(unit)
        fault = 'a quote is opened in it and never closed'
      } else {
        word = (word ?? '') + quoted.value
        // A quote that somebody forgot closes at the next one that opens, and swallows what is between.
        if (looksLikeCommand.test(quoted.value) && !holdCommands.includes(words[1] ?? '')) {
          fault ??= 'its quotes run over lines that look like commands'
        }
        at = quoted.end
      }
    } else word = (word ?? '') + unit
  }
  if (word !== undefined) words.push(word)
  return { words, end: at, fault }
}

function quotedFrom(text: string, start: number, quote: string): { value: string; end: number } | undefined {
  let value = ''
  let from = start
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === quote) return { value: value + text.slice(from, at), end: at }
    if (text[at] === '\\') {
      value += text.slice(from, at)
      from = at + 1
      at += 1
    }
  }
  return undefined
}
