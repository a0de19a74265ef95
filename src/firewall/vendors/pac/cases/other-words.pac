FindProxyForURL = function (url, host) { return shExpMatch(host, "s*") ? "SOCKS5 socks.corp.example:1080" : "HTTPS proxy.corp.example:443" };
