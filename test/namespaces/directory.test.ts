/**
 * `postern check` as a process against a domain controller that is not ours: Samba and chronyd in a machine of the routed
 * network.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { CheckReport } from '../../src/model/report.ts'
import { told } from '../faultTold.ts'
import { needs } from '../needs.ts'
import { servedPorts } from '../samba/domain.ts'
import { otherControllers } from './controllerRows.ts'
import type { DirectoryTools } from './directory.ts'
import { openDirectory } from './directory.ts'
import { directoryPaths } from './directoryPaths.ts'
import { directoryFaults, directoryOddities, healthyDirectory } from './directoryRows.ts'
import { directorySiteText } from './directorySite.ts'
import { lackingOf } from './features.ts'
import { openNetworks } from './openNetworks.ts'
import { dc } from './places.ts'
import { useDirectory } from './plainDirectory.ts'
import { play } from './play.ts'
import { rewrittenAnswers } from './rewrittenRows.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const plainClient = fileURLToPath(new URL('plainClient.ts', import.meta.url))

/** Each with a controller. */
const atOnce = 3
const networks = openNetworks<DirectoryTools>(atOnce, {
  toolsBy(find) {
    const [ip, nft, faketime] = [find('ip'), find('nft'), find('faketime')]
    const [samba, chronyd] = [find('samba'), find('chronyd')]
    return ip && nft && faketime && samba && chronyd ? { ip, nft, samba, chronyd } : undefined
  },
  open: (tools) => openDirectory(tools),
})

describe('a network with a domain controller', { concurrency: atOnce }, () => {
  test('clients of a domain are served: Kerberos, LDAP over TLS, SMB, RPC and the time', async (t) => {
    const [kinit, ldapsearch, chronyd] = [needs(t, 'kinit'), needs(t, 'ldapsearch'), needs(t, 'chronyd')]
    const [smbclient, rpcclient] = [needs(t, 'smbclient'), needs(t, 'rpcclient')]
    if (!kinit || !ldapsearch || !chronyd || !smbclient || !rpcclient) return
    await networks.within(t, async (rig) => {
      const said = await useDirectory(rig, { kinit, ldapsearch, smbclient, rpcclient, chronyd })
      for (const over of ['dgram', 'stream']) assert.match(said.kinit, new RegExp(`Received answer .* from ${over} `))
      assert.match(said.kinit, /Storing Administrator@CORP\.EXAMPLE -> krbtgt\/CORP\.EXAMPLE@CORP\.EXAMPLE in /)
      assert.match(
        said.ldapsearch,
        /^dn: CN=DC1,OU=Domain Controllers,DC=corp,DC=example\ndNSHostName: dc1\.corp\.example$/m,
      )
      assert.match(said.smbclient, /^ +corp\.example +D /m)
      assert.match(said.rpcclient, /^user:\[Administrator\] rid:\[0x1f4\]$/m)
      assert.match(said.chronyd, /System clock wrong by -?0\.\d+ seconds \(ignored\)/)
    })
  })

  test('a domain controller in order has no findings, and each flow is proven by its own protocol', async (t) => {
    await networks.within(t, async (rig) => {
      const { flows } = await play(rig, healthyDirectory, directorySiteText)
      for (const flow of flows) {
        assert.deepEqual([flow.verdict, flow.confidence], ['open', 'certain'], told(flow))
      }
      const ports = new Set(flows.filter(({ target }) => target.transport === 'tcp').map(({ target }) => target.port))
      assert.deepEqual(
        servedPorts.filter((port) => !ports.has(port)),
        [],
      )
    })
  })

  test('an endpoint mapper that is given as a TARGET is proven with the ports that it names, or they are told shut', async (t) => {
    await networks.within(t, async (rig) => {
      const ask = async (): Promise<CheckReport> => {
        // The exit code 1 says that something fails.
        const check = [main, 'check', `epm://${dc.address}`, '--json', '--quiet', '--no-trace', '--timeout', '1500']
        return JSON.parse(await rig.run('client', 'sh', '-c', '"$@" || [ "$?" = 1 ]', 'sh', process.execPath, ...check))
      }
      const knocks = [135, 49153].map((port) => `knock:${dc.address}:${port}`)
      const plain = (): Promise<string> => rig.run('client', process.execPath, plainClient, ...knocks)
      const told = ({ flows }: CheckReport) =>
        flows.map(({ verdict, cause, confidence }) => [verdict, cause, confidence])
      assert.equal(await plain(), 'connected, connected')
      const well = await ask()
      assert.deepEqual([told(well), well.findings], [[['open', undefined, 'certain']], []])
      await rig.nft(
        'firewall',
        `table inet shut {\n chain forward {\n type filter hook forward priority 0\n ip daddr ${dc.address} tcp dport 49152-65535 drop\n }\n}\n`,
      )
      try {
        assert.equal(await plain(), 'connected, silence')
        const shut = await ask()
        assert.deepEqual(told(shut), [['blocked', 'rpc-dynamic-blocked', 'likely']])
        assert.deepEqual(
          shut.findings.map(({ code }) => code),
          ['rpc-dynamic-blocked'],
        )
      } finally {
        await rig.nft('firewall', 'delete table inet shut')
      }
    })
  })

  for (const row of [...directoryPaths, ...directoryFaults, ...rewrittenAnswers, ...directoryOddities]) {
    test(`${row.id}: ${row.breaks}`, async (t) => {
      await networks.within(t, async (rig) => {
        const lacking = await lackingOf(rig, row.needs ?? [])
        if (lacking.length > 0) t.skip(`this kernel lacks: ${lacking.join(', ')}`)
        else await play(rig, row, directorySiteText)
      })
    })
  }

  for (const { title, wishes, rows } of otherControllers) {
    test(`a controller ${title}`, async (t) => {
      const tools = networks.toolsFor(t)
      if (tools === undefined) return
      const rig = await openDirectory(tools, wishes)
      try {
        for (const row of rows) {
          await t.test(`${row.id}: ${row.breaks}`, async () => void (await play(rig, row, directorySiteText)))
        }
      } finally {
        await rig.close()
      }
    })
  }
})
