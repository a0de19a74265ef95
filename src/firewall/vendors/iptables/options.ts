import type { Word } from './words.ts'

/** An option with what follows it, and whether a `!` stands before it or before its value. */
export interface Option {
  readonly name: string
  readonly isNot: boolean
  readonly values: readonly string[]
}

/** Goes over the words of a rule, option by option. */
export function optionsOf(words: readonly Word[]): readonly Option[] {
  const options: Option[] = []
  let isNot = false
  for (let at = 0; at < words.length; ) {
    const word = words[at]
    if (word === undefined) break
    at += 1
    if (!word.isQuoted && word.text === '!') {
      isNot = true
      continue
    }
    // `--dport=80` and `--dport 80` are one.
    const [, joined = '', value] = (word.isQuoted ? null : /^(--[\w-]+)=(.*)$/s.exec(word.text)) ?? []
    const name = joined === '' ? word.text : joined
    const values: string[] = value === undefined ? [] : [value]
    if (words[at]?.text === '!' && words[at]?.isQuoted === false && !isOption(words[at + 1])) {
      // The older form: `-s ! 10.0.0.0/8`.
      isNot = true
      at += 1
    }
    for (let next = words[at]; next !== undefined && !isOption(next); next = words[at]) {
      values.push(next.text)
      at += 1
    }
    options.push({ name, isNot, values })
    isNot = false
  }
  return options
}

function isOption(word: Word | undefined): boolean {
  return word !== undefined && !word.isQuoted && (word.text === '!' || /^--?[A-Za-z]/.test(word.text))
}
