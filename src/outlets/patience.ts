/** The setting that all outlets have which wait for another side. */
export const patience = {
  'timeout-seconds': {
    kind: 'count',
    unit: 'seconds',
    least: 1,
    most: 60,
    usual: 10,
    what: 'Until what was sent counts as not taken; it is sent again later.',
  },
} as const

/** Settings of outlets that post over HTTP. */
export const wayOut = {
  proxy: {
    kind: 'text',
    form: 'url',
    isOptional: true,
    example: 'http://proxy.corp.example:3128',
    what: 'The proxy that it goes through; absent: none.',
  },
  'proxy-credentials': {
    kind: 'secret',
    isOptional: true,
    example: 'env:PROXY_AUTH',
    what: 'Who asks the proxy, as USER:PASSWORD; absent: nobody.',
  },
  ...patience,
} as const
