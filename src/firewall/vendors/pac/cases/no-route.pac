function FindProxyForURL(url, host) { return "use the proxy"; }
