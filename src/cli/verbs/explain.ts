import { canonicalAddress, parseHostPort } from '../../model/cidr.ts'
import { hostPort } from '../../model/hostPort.ts'
import { pageFor } from '../pageFor.ts'
import { cutMiddle } from '../render/columns.ts'
import { explainFormats } from '../render/index.ts'
import { plain } from '../render/plain.ts'
import { exitCodes, UsageError } from '../shell.ts'
import { version } from '../version.ts'
import { writeResult } from '../writeResult.ts'
import { explainTerm } from './explainTerm.ts'
import type { Configure } from './index.ts'
import type { SharedOptions } from './sharedOptions.ts'
import { addSharedOptions, formatOf } from './sharedOptions.ts'

/** `postern explain`: what is known of a word, a number or a message; without one, what can be asked. */
export const configure: Configure = (command, shell, done) => {
  addSharedOptions(command, Object.keys(explainFormats))
    .argument(
      '[words...]',
      'a verb, option, cause, flow id, port, code, event id, host name, service, feature, role, fact, vendor, word of a report, or a message',
    )
    // An option of another verb is a word here: `postern explain --flow`.
    .allowUnknownOption()
    .addHelpText(
      'after',
      `
Examples:
  postern explain                                     what can be asked
  postern explain 8443                                which flow needs a port, or which folklore speaks of it
  postern explain t1-ldaps                            one flow in full
  postern explain sni-filter                          a cause that a report names
  postern explain AADSTS50011                         a sign-in error
  postern explain kerberos                            every flow that speaks a protocol
  postern explain login.microsoftonline.com           which of Microsoft's lists have a name
  postern explain listen                              what a verb does
  postern explain --flow                              an option, and the verbs that have it
  postern explain The remote name could not be resolved
`,
    )
    .action(async (words: readonly string[], options: SharedOptions) => {
      const term = words.join(' ')
      const explained = await explainTerm(term, version, shell)
      if ('suggestions' in explained) throw new UsageError(unknown(term, explained.suggestions))
      const format = formatOf(options)
      const render = await explainFormats[format as keyof typeof explainFormats].load()
      await writeResult(render(explained.ok, pageFor(shell, options, false)), options.out, shell)
      done(exitCodes.well)
    })
}

function unknown(term: string, suggestions: readonly string[]): string {
  const asked = cutMiddle(plain(term), 60)
  const address = addressIn(term)
  if (address !== undefined) {
    return `postern: nothing is known of the address ${address}: explain answers for the host name that has it, a port, code or word; postern check tcp://${hostPort(address, 443)} asks the address itself`
  }
  const nearest = suggestions.length === 0 ? 'no word is near' : `nearest: ${suggestions.join(', ')}`
  return `postern: nothing is known of "${asked}"; ${nearest}; postern explain alone lists what can be asked`
}

/** The first address of the words, with or without a port. */
function addressIn(term: string): string | undefined {
  const words = term.slice(0, 500).split(/[\s,;]+/)
  return words
    .map((word) => canonicalAddress(word) ?? canonicalAddress(parseHostPort(word)?.host ?? ''))
    .find((address) => address !== undefined)
}
