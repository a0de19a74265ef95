/**
 * What the words of `set` commands are: the text does not tell names that somebody gave from words of the language, and
 * has several statements on one line.
 *
 * - `value`: one word follows · `list`: one word, or several in brackets
 * - `skip`: the rest of the line says nothing about passing packets
 * - `{ entries }`: a name follows, then what an entry has · else: words within it
 */
export type Schema = 'value' | 'list' | 'skip' | { readonly entries: Schema } | { readonly [word: string]: Schema }

const values = (words: string): Record<string, Schema> =>
  Object.fromEntries(words.split(' ').map((word) => [word, 'value']))
const lists = (words: string): Record<string, Schema> =>
  Object.fromEntries(words.split(' ').map((word) => [word, 'list']))
const skips = (words: string): Record<string, Schema> =>
  Object.fromEntries(words.split(' ').map((word) => [word, 'skip']))

const matches = {
  ...lists(
    'from to source destination source-user category application service source-hip destination-hip hip-profiles tag',
  ),
  ...lists('source-device destination-device'),
  ...values('negate-source negate-destination disabled schedule description uuid group-tag'),
  target: { devices: { entries: 'skip' }, ...values('negate'), ...lists('tags') },
  ...skips('audit-comment'),
} satisfies Schema

const securityRule: Schema = {
  ...matches,
  ...values('action rule-type log-start log-end log-setting icmp-unreachable disable-inspect'),
  ...skips('option qos source-imsi source-imei source-nw-slice saas-user-list saas-tenant-list devices ha-group'),
  'profile-setting': {
    group: 'list',
    profiles: lists(
      'url-filtering virus spyware vulnerability file-blocking data-filtering wildfire-analysis gtp sctp ai-security',
    ),
  },
}

const natRule: Schema = {
  ...matches,
  ...values('nat-type to-interface service active-active-device-binding'),
  'source-translation': {
    'dynamic-ip-and-port': {
      'translated-address': 'list',
      'interface-address': values('interface ip floating-ip'),
    },
    'persistent-dynamic-ip-and-port': {
      'translated-address': 'list',
      'interface-address': values('interface ip floating-ip'),
    },
    'dynamic-ip': { 'translated-address': 'list', fallback: 'skip' },
    'static-ip': values('translated-address bi-directional'),
  },
  'destination-translation': { ...values('translated-address translated-port'), 'dns-rewrite': 'skip' },
  'dynamic-destination-translation': values('translated-address translated-port distribution'),
}

const decryptionRule: Schema = {
  ...matches,
  ...values('action profile log-success log-fail log-setting packet-broker-profile'),
  type: { ...skips('ssh-proxy ssl-forward-proxy ssl-inbound-inspection') },
  ...skips('decryption-broker'),
}

const rules = (rule: Schema): Schema => ({ rules: { entries: rule } })
const otherRules: Schema = {
  rules: {
    entries: {
      ...matches,
      ...skips('action protocol port authentication-enforcement timeout enforce-symmetric-return from type'),
    },
  },
}

const rulebase: Record<string, Schema> = {
  security: rules(securityRule),
  nat: rules(natRule),
  decryption: rules(decryptionRule),
  'default-security-rules': rules({
    ...values('action log-start log-end log-setting icmp-unreachable'),
    ...lists('tag'),
    ...skips('profile-setting option'),
  }),
  authentication: rules({
    ...matches,
    ...values('authentication-enforcement timeout log-setting log-authentication-timeout'),
  }),
  pbf: {
    rules: {
      entries: {
        ...values('disabled description'),
        ...skips(
          'from source destination source-user application service action enforce-symmetric-return negate-source negate-destination schedule tag target',
        ),
      },
    },
  },
  ...Object.fromEntries(
    ['qos', 'dos', 'application-override', 'captive-portal', 'tunnel-inspect', 'sdwan', 'network-packet-broker'].map(
      (name) => [name, otherRules],
    ),
  ),
}

const port: Schema = { ...values('port source-port'), override: 'skip' }

/** What a virtual system, a device group and the shared part can have. */
const objects: Record<string, Schema> = {
  address: { entries: { ...values('ip-netmask ip-range ip-wildcard fqdn description'), tag: 'list' } },
  'address-group': { entries: { static: 'list', dynamic: values('filter'), ...values('description'), tag: 'list' } },
  service: { entries: { protocol: { tcp: port, udp: port, sctp: port }, description: 'value', tag: 'list' } },
  'service-group': { entries: { ...lists('members tag') } },
  'external-list': { entries: { type: 'skip' } },
  region: { entries: { address: 'list', 'geo-location': 'skip' } },
  schedule: { entries: 'skip' },
  profiles: {
    'custom-url-category': { entries: { list: 'list', ...values('description type') } },
    'url-filtering': {
      entries: {
        ...lists('block alert continue override allow'),
        ...skips(
          'description credential-enforcement action license-expired log-container-page-only safe-search-enforcement log-http-hdr-xff http-header-insertion enable-container-page mlav-category-exception mlav-engine-urlbased-enabled local-inline-cat cloud-inline-cat',
        ),
      },
    },
    ...skips(
      'virus spyware vulnerability file-blocking wildfire-analysis data-filtering data-objects decryption dos-protection hip-objects hip-profiles sdwan-path-quality sdwan-traffic-distribution gtp sctp packet-broker ai-security dns-security',
    ),
  },
  'profile-group': {
    entries: {
      'url-filtering': 'list',
      ...skips('virus spyware vulnerability file-blocking data-filtering wildfire-analysis gtp sctp ai-security'),
    },
  },
  ...skips(
    'tag application application-group application-filter application-status application-tag device-object log-settings threats authentication-profile authentication-sequence authentication-object certificate certificate-profile ssl-tls-service-profile server-profile local-user-database admin-role botnet display-name setting user-id-agent user-id-collector user-id-ssl-auth group-mapping captive-portal ts-agent global-protect route redistribution-agent redistribution-collector ocsp-responder response-page scheduled-report report-group pdf-summary-report email-scheduler reports override vm-info-source dynamic-user-group hip-objects authorization-code devices reference-templates description log-collector-group plugins',
  ),
  'ssl-decrypt': {
    'ssl-exclude-cert': { entries: 'skip' },
    ...skips(
      'forward-trust-certificate forward-untrust-certificate root-ca-exclude-list trusted-root-CA disabled-ssl-exclude-cert-from-predefined',
    ),
  },
  rulebase,
  'pre-rulebase': rulebase,
  'post-rulebase': rulebase,
  zone: {
    entries: {
      network: {
        ...lists('layer3 layer2 virtual-wire tap tunnel'),
        ...skips('external zone-protection-profile log-setting enable-packet-buffer-protection net-inspection'),
      },
      ...skips('enable-user-identification enable-device-identification user-acl device-acl'),
    },
  },
  import: skips('network resource visible-vsys dns-proxy'),
}

const layer3: Record<string, Schema> = {
  ip: { entries: 'skip' },
  ipv6: { address: { entries: 'skip' }, ...skips('enabled neighbor-discovery interface-id dhcp-client') },
  'dhcp-client': values('enable create-default-route default-route-metric'),
  ...skips(
    'mtu adjust-tcp-mss interface-management-profile lldp ndp-proxy arp untagged-sub-interface pppoe sdwan-link-settings netflow-profile comment bonjour df-ignore decrypt-forward',
  ),
}
const unit: Schema = { ...layer3, ...values('tag comment'), ...skips('interface-management-profile') }
const ported: Schema = {
  entries: {
    layer3: { ...layer3, units: { entries: unit } },
    ...skips(
      'layer2 virtual-wire tap ha link-state link-speed link-duplex comment aggregate-group decrypt-mirror lldp lacp log-card poe',
    ),
  },
}
const staticRoute: Schema = {
  entries: {
    nexthop: { ...values('ip-address ipv6-address next-vr next-lr fqdn tunnel'), ...skips('discard receive') },
    ...values('destination interface metric admin-dist'),
    ...skips('route-table bfd path-monitor option no-install'),
  },
}
const routing: Record<string, Schema> = {
  'routing-table': { ip: { 'static-route': staticRoute }, ipv6: { 'static-route': staticRoute } },
  protocol: {
    bgp: {
      enable: 'value',
      ...skips(
        'router-id local-as install-route reject-default-route peer-group policy routing-options redist-rules allow-redist-default-route dampening-profile auth-profile global-bfd ecmp-multi-as enforce-first-as',
      ),
    },
    ospf: {
      enable: 'value',
      ...skips(
        'area router-id timers reject-default-route auth-profile export-rules allow-redist-default-route rfc1583 graceful-restart global-bfd flood-prevention',
      ),
    },
    ospfv3: {
      enable: 'value',
      ...skips(
        'area router-id timers reject-default-route auth-profile export-rules allow-redist-default-route graceful-restart global-bfd disable-transit-traffic',
      ),
    },
    rip: {
      enable: 'value',
      ...skips('interface timers reject-default-route auth-profile export-rules allow-redist-default-route global-bfd'),
    },
    ...skips('redist-profile redist-profile-ipv6'),
  },
  bgp: { enable: 'value', ...skips('router-id local-as peer-group install-route global-bfd') },
  ospf: { enable: 'value', ...skips('area router-id global-bfd') },
  ...skips('multicast admin-dists ecmp rib-filter administrative-distances global-bfd'),
}
const network: Schema = {
  interface: {
    ethernet: ported,
    'aggregate-ethernet': ported,
    vlan: { units: { entries: unit }, ...layer3 },
    loopback: { units: { entries: unit }, ...layer3 },
    tunnel: { units: { entries: unit }, ...layer3 },
    ...skips('sdwan cellular'),
  },
  'virtual-router': { entries: { interface: 'list', ...routing } },
  'logical-router': { entries: { vrf: { entries: { interface: 'list', ...routing } } } },
  ...skips(
    'profiles ike tunnel qos vlan virtual-wire dhcp dns-proxy shared-gateway underlay-net lldp ipsec gtp sdwan-interface-profile routing-profile secure-web-gateway proxy',
  ),
}

const device: Record<string, Schema> = {
  network,
  vsys: { entries: objects },
  deviceconfig: { system: { hostname: 'value' } },
}

/** Rulebases and what else is known to stand in a system; a rulebase that is not known may forbid anything. */
export const rulebaseWords: ReadonlySet<string> = new Set(Object.keys(rulebase))
export const systemWords: ReadonlySet<string> = new Set([...Object.keys(objects), 'devices'])

/** The words after `set`, at the top. What a system of one virtual system leaves out stands in `vsys1`. */
export const setSchema: Readonly<Record<string, Schema>> = {
  ...objects,
  ...device,
  shared: objects,
  'device-group': { entries: { ...objects, devices: 'skip' } },
  template: {
    entries: {
      config: {
        devices: { entries: device },
        vsys: { entries: objects },
        network,
        ...skips('shared mgt-config deviceconfig'),
      },
      ...skips('settings description variable'),
    },
  },
  readonly: {
    devices: {
      entries: {
        'device-group': { entries: { ...values('parent-dg id') } },
        ...skips('template template-stack log-collector-group'),
      },
    },
    ...skips('max-internal-id shared dynamic-updates dg-meta-data'),
  },
  ...skips('mgt-config template-stack panorama log-collector wildfire-appliance wildfire-appliance-cluster'),
  deviceconfig: { system: { hostname: 'value' } },
}

/** Words of `deviceconfig`, `system` and the like that are not listed say nothing about passing packets. */
export const silentBelow: ReadonlySet<string> = new Set(['deviceconfig', 'system'])
