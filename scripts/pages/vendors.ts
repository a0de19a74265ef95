import type { VendorRow } from '../../src/firewall/reader.ts'
import { vendorRows } from '../../src/firewall/vendors/index.ts'
import type { Vendor } from '../../src/model/vendor.ts'
import { vendors } from '../../src/model/vendor.ts'
import { page, table } from './markdown.ts'

const standing: Readonly<Record<VendorRow['stands'], string>> = {
  host: 'guards one machine or card',
  router: 'stands between networks',
  proxy: 'is asked by name',
  routes: 'leads, and forbids nothing',
}

const sayings = { names: 'names', tags: 'Microsoft’s tags', prefixes: 'prefixes with their date' } as const

/** What the configuration by itself leaves open, so that an answer on which it bears is `may`. */
const leftOpen: Readonly<Record<Vendor, string>> = {
  'azure-nsg': 'tags without a table (`--tags`), application security groups whose members are not in the files',
  'azure-firewall':
    'FQDN tags, web categories, threat intelligence, IP groups that were not given, names in network rules without their addresses',
  aws: 'groups and prefix lists whose members are not in the files; Network Firewall is another service',
  gcp: 'tags and service accounts without the instances; rules of firewall policies',
  windows: 'program, service, user and interface of a rule; keywords such as `LocalSubnet` without a hint',
  nftables:
    'sets that are filled while it runs, limits, marks that nothing in the files sets, files that are included and missing',
  iptables: 'ipsets, limits, strings, times, owners; the family whose file is missing',
  fortigate: 'internet services, geography, names that are learnt, schedules, users, what NGFW policies see',
  'palo-alto': 'App-ID beyond default ports, users, EDLs, names, URL categories, dynamic address groups',
  pfsense: 'names and URL tables in aliases, schedules, gateways that are down',
  asa: 'names in objects, time ranges, users; before version 8.3',
  ios: 'zone-based firewalls, policy routing, inspection, learnt routes',
  squid: 'who is logged in, helpers, lists in files that were not given, what a parent proxy lets pass',
  pac: 'what a script asks of the machine or of DNS: it runs without either; services of Windows do not use the user’s script',
  kubernetes: 'labels without the pods; a plug-in that does not enforce policies',
  cilium: 'names that no DNS rule learns, identities without the pods, what rules for layer 7 see',
  'check-point': 'objects that are not in the answer, application sites, users, times',
  srx: 'applications that are seen and not numbered, routing instances, stateless filters, names in address books',
  routes: 'learnt routes that come and go, and whatever filters',
  wireguard: 'more specific routes of the machine, what PostUp does',
  openvpn: 'what a server pushes, without its file; scripts; more specific routes of the machine',
  anyconnect: 'dynamic split tunnelling by name, attributes that a RADIUS server gives',
  vpnv2: 'apps and claims that start a tunnel, what a plug-in does',
}

/** `docs/reference/vendors.md`: whose configurations are read, from what, and for whom rules are written. */
export function vendorsPage(): string {
  const without = vendors.filter((vendor) => !vendorRows.some((row) => row.vendor === vendor))
  return page(
    'Vendors',
    `Whose configurations \`postern audit\` reads, and in whose words \`postern plan --for VENDOR\` writes rules. A file is known by
what is in it; \`--vendor\` says it where it is not. What a reader does not understand is listed with its line, and an
answer on which it could bear is \`may\`.`,
    [
      table(
        ['vendor', 'what it is', 'it', 'rules are written by'],
        vendorRows.map((row) => [
          `[\`${row.vendor}\`](#${row.vendor})`,
          row.title,
          standing[row.stands],
          row.says === undefined ? '–' : row.says.map((one) => sayings[one]).join(', '),
        ]),
      ),
      ...(without.length === 0 ? [] : [`No reader yet: ${without.map((vendor) => `\`${vendor}\``).join(', ')}.\n`]),
      ...vendorRows.map(sectionOf),
    ].join('\n'),
  )
}

function sectionOf({ vendor, title, forms, says }: VendorRow): string {
  const written =
    says === undefined
      ? 'Rules are not written for it.'
      : `\`postern plan --for ${vendor}\` writes the first of these that a flow has: ${says.map((one) => sayings[one]).join(', ')}.`
  return `## ${vendor}

${title}. What can be given:

${forms.map((form) => `- ${form}`).join('\n')}

The files leave open: ${leftOpen[vendor]}.

${written}
`
}
