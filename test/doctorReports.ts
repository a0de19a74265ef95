import { fileURLToPath } from 'node:url'
import { loadSite } from '../src/config/loadSite.ts'
import { lookAtMachine } from '../src/machine/index.ts'
import type { DoctorReport } from '../src/model/doctorReport.ts'
import { winHttpProxy } from '../src/wire/winHttpProxy.ts'
import { fakeMachine } from './fakeMachine.ts'

const site = new URL('../examples/smallest.yaml', import.meta.url)
const loaded = await loadSite(fileURLToPath(site), '/')
if (!('ok' in loaded)) throw new Error('examples/smallest.yaml is not read')

const minute = 60_000

/** What is found on a machine where several things limit: a slow clock, two proxies, a name server that is shut over TCP. */
export const sampleDoctor: DoctorReport = await lookAtMachine(
  '0.1.0',
  fakeMachine({
    programs: {},
    files: {
      '/proc/self/status': 'Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n',
      '/proc/self/limits': 'Max open files            256                  256                  files\n',
    },
    clocks: { 'login.microsoftonline.com': 7 * minute, '10.1.0.5': 7 * minute, 'crl.microsoft.com': undefined },
    lookup: ({ transport, resolver }) =>
      transport === 'tcp' && resolver !== 'system' ? { outcome: 'timeout', answers: [], ms: 3000 } : {},
    means: {
      environment: { HTTPS_PROXY: 'http://svc:hunter2@proxy.corp.example:3128', NO_PROXY: 'localhost,.corp.example' },
      tryBind: async (port) => (port === 443 ? { code: 'EACCES' } : 'free'),
      ownHelloOctets: async () => undefined,
    },
  }),
  {
    site: loaded.ok.site,
    concurrency: 256,
    wpad: true,
    settings: [
      {
        setting: winHttpProxy(
          'Current WinHTTP proxy settings:\r\n\r\n    Proxy Server(s) :  other.corp.example:8080\r\n    Bypass List     :  crl.*\r\n',
        ),
        followedBy: 'services of Windows, fetching of revocation lists',
      },
    ],
    notes: [],
  },
  { signal: new AbortController().signal, timeoutMs: 60_000 },
)
