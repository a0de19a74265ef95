import { verbs } from './verbs/index.ts'

/** How the program is called where it is installed. */
const installed = 'postern'

const command = new RegExp(`\\b${installed} (?=(?:${verbs.map(({ name }) => name).join('|')})\\b)`, 'g')

/**
 * A text whose hints can be copied into the shell as they stand: `postern check` becomes what calls the program here,
 * such as `npm run -s postern -- check` in a checkout.
 *
 * @param program what stands before the verb; absent: `postern`
 */
export function asTyped(text: string, program: string = installed): string {
  return program === installed ? text : text.replace(command, `${program} `)
}

/** A word of the command line as a shell takes it: quoted when something in it would be read otherwise. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./\\~[\]-]+$/.test(word)) return word
  return word.includes("'") ? `"${word.replace(/["$`\\]/g, '\\$&')}"` : `'${word}'`
}
