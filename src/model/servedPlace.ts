/**
 * Where no resolver is, and none ever will be (RFC 5737): what answers there stands on the way and answers for everybody.
 * A lab maps it under the name, which nobody has (RFC 6761).
 */
export const noResolver = Object.freeze({ name: 'no-resolver.invalid', address: '192.0.2.1', port: 53 })

/**
 * Where a name is served according to `names:` of the site file: the most exact key counts, `name:port` before `name`
 * before `*:port`, which stands for every name on that port.
 *
 * @returns `address`, `address:port` or `:port` as the file has it; undefined when the name is where the public has it
 */
export function servedPlace(names: Readonly<Record<string, string>>, name: string, port: number): string | undefined {
  // Own keys only: a host may be called `constructor`.
  const key = [`${name}:${port}`, name, `*:${port}`].find((each) => Object.hasOwn(names, each))
  return key === undefined ? undefined : names[key]
}
