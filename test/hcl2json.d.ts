/**
 * What tests use of @cdktf/hcl2json. Its own types bring those of browsers with them, under which the platform's keys and
 * buffers are other types than our own.
 */
export declare function parse(filename: string, contents: string): Promise<Record<string, unknown>>
