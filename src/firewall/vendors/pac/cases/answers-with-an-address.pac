function FindProxyForURL(url, host) { return "PROXY 10.1.0.40:3128"; }
