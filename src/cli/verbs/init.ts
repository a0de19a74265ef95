import process from 'node:process'
import { InvalidArgumentError } from 'commander'
import { clouds } from '../../model/cloud.ts'
import { features } from '../../model/feature.ts'
import { siteRoles } from '../../model/role.ts'
import { lineAsker } from '../init/asker.ts'
import { wordsOf } from '../init/questions.ts'
import type { InitOptions } from '../runInit.ts'
import { runInit } from '../runInit.ts'
import type { Configure } from './index.ts'

/** `postern init`: a site file from questions, or from what this machine knows. */
export const configure: Configure = (command, shell, done) => {
  command
    .option('--yes', 'ask nothing: write what this machine knows; so it is without a terminal, too')
    .option('--out <file>', 'where the site file goes; - is stdout', './postern.yaml')
    .option('--force', 'replace the file when it is there')
    .option('--role <roles>', 'what this machine does; several with commas, or given again', listOf('role', siteRoles))
    .option(
      '--feature <features>',
      'what is switched on; several with commas, or given again',
      listOf('feature', features),
    )
    .option('--tenant <tenant>', 'the name or id of the tenant', (text) => text)
    .option('--domain <domain>', 'the AD domain (default: the one that this machine is in)')
    .option('--cloud <cloud>', `the Microsoft cloud: ${clouds.join(', ')}`, oneOf('cloud', clouds))
    .option('--quiet', 'nothing on stdout but the file, if it goes there')
    .option('--no-color', 'no colour; colour is used on a terminal only')
    .addHelpText(
      'after',
      `
Host name, addresses, domain, domain controllers, name servers and proxy are taken from this machine; no password is
copied. What could not be known stands in the file as a comment that begins with "not known". A file that is there is
not overwritten. Ctrl-C writes nothing.

Examples:
  postern init                                        questions, with what this machine knows in brackets
  postern init --yes --role entra-connect --feature password-hash-sync,seamless-sso
  postern init --yes --out -                          to look at it first
  postern init --out hq.yaml --force                  again, in the place of an older one
`,
    )
    .action(async (options: InitOptions) => {
      const asks = options.yes !== true && process.stdin.isTTY === true && shell.stderr.isTerminal
      done(
        asks
          ? await runInit(options, shell, () => lineAsker(process.stdin, process.stderr, shell.signal, true))
          : await runInit(options, shell),
      )
      // A terminal that was read from would keep the process.
      if (asks) process.stdin.unref()
    })
}

function listOf<const Word extends string>(title: string, known: readonly Word[]) {
  return (text: string, before: readonly Word[] | undefined): readonly Word[] => {
    const read = wordsOf(title, text, known)
    if (!('ok' in read)) throw new InvalidArgumentError(`${read.what}, ${read.right}`)
    return [...new Set([...(before ?? []), ...read.ok])]
  }
}

function oneOf<const Word extends string>(title: string, known: readonly Word[]) {
  return (text: string): Word => {
    const read = wordsOf(title, text, known)
    if (!('ok' in read)) throw new InvalidArgumentError(`${read.what}, ${read.right}`)
    const [word, ...more] = read.ok
    if (word === undefined || more.length > 0) throw new InvalidArgumentError(`one ${title} is wanted`)
    return word
  }
}
