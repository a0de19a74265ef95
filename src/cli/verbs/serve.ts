import { runServe } from '../runServe.ts'
import type { Configure } from './index.ts'
import { addSiteOption } from './sharedOptions.ts'

export interface ServeOptions {
  readonly site: string
  readonly check?: true
  readonly quiet?: true
}

/** `postern serve`: the gate of a site file, until Ctrl-C or SIGTERM. */
export const configure: Configure = (command, shell, done) => {
  addSiteOption(command)
    .option('--check', 'read settings, certificates and secrets, say what is wrong with them, and end')
    .option('--quiet', 'no lines about what happens')
    .addHelpText(
      'after',
      `
Lets through what gate.routes of the site file lets through, to the servers of gate.backends, after a sign-in with Microsoft
Entra ID or with an access token. Everything that comes is written into the record: postern audit-log shows it.

At the start it prints the redirect URI, to be registered with the app letter by letter; postern doctor asks Entra ID
whether it is. Certificates that are replaced on the disk are taken up while connections stay open. SIGTERM lets open
requests end (gate.limits.drain-seconds), a second one does not.

The exit code is 0 after SIGTERM and after --check, 130 after Ctrl-C, 2 when it could not start or --check found something.

Examples:
  postern serve                               the gate of ./postern.yaml
  postern serve --site hq.yaml --check        what is wrong with it, without listening
  postern up                                  a gate with a sample app and a tenant, with nothing to set up
`,
    )
    .action(async (options: ServeOptions) => done(await runServe(options, shell)))
}
