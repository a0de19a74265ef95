import { doctorFormats } from '../render/index.ts'
import type { DoctorOptions } from '../runDoctor.ts'
import { runDoctor } from '../runDoctor.ts'
import type { Configure } from './index.ts'
import { addSharedOptions, wholeNumber } from './sharedOptions.ts'

/** `postern doctor`: what this machine lets Postern know, before a check is believed. */
export const configure: Configure = (command, shell, done) => {
  addSharedOptions(command, Object.keys(doctorFormats))
    .option('--site <file>', 'the site file (default: ./postern.yaml, if there is one)')
    .option('--timeout <ms>', 'longest single look in milliseconds', wholeNumber(50, 600_000, 'milliseconds'), 5000)
    .option(
      '--concurrency <n>',
      'questions that a check is to have under way at once',
      wholeNumber(1, 1024, 'questions'),
      256,
    )
    .option('--ntp <host>', 'a time server to compare the clock with (default: a domain controller of the site)')
    .option('--wpad', 'look for a proxy script as detection does: http://wpad.<domain>/wpad.dat')
    .option('--pac <file>', 'a proxy script to ask: a file, or its http address')
    .option('--winhttp <file>', 'what netsh winhttp show advproxy (or show proxy) printed on a server')
    .option('--machine-config <file>', 'a machine.config of .NET, which Entra Connect goes by')
    .addHelpText(
      'after',
      `
Whom it asks, once each:
  name servers    those of this machine and of the site file, over UDP and TCP, for login.microsoftonline.com; those
                  of the site file for its own domain, where it names one
  clocks          login.microsoftonline.com (HTTPS) and crl.microsoft.com (HTTP) for their Date, by the proxy of this
                  machine where one is set; --ntp or a domain controller of the site for its time
  proxy scripts   only where a setting, --pac or --wpad names one: it is fetched and run in a sandbox,
                  and the names that it asks for are looked up
  sign-in         where the site file has a gate that people sign in to: the authorize endpoint of its tenant, with
                  prompt=none, which signs nobody in
Nobody else. Passwords in proxy settings are never shown. The exit code is 0 whatever is found; 2 when it could not run.

Examples:
  postern doctor                                      this machine
  postern doctor --site hq.yaml --ntp dc01.corp.example
  postern doctor --pac http://pac.corp.example/proxy.pac
  postern doctor --winhttp winhttp.txt --machine-config machine.config
  postern doctor --json --out doctor.json             for a ticket
`,
    )
    .action(async (options: DoctorOptions) => done(await runDoctor(options, shell)))
}
