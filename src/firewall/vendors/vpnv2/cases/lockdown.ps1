$ProfileName = 'Locked'
$ProfileXML = '
<VPNProfile>
  <LockDown>true</LockDown>
  <NativeProfile><Servers>vpn.corp.example</Servers><RoutingPolicyType>ForceTunnel</RoutingPolicyType></NativeProfile>
  <Route><Address>198.51.100.0</Address><PrefixSize>24</PrefixSize><ExclusionRoute>true</ExclusionRoute></Route>
</VPNProfile>'
$ProfileXML = $ProfileXML -replace '<', '&lt;'
