//! IP addresses and ranges.

use std::net::IpAddr;

/// One address of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(IpAddr);

impl Address {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

/// A CIDR range; an address without a prefix length is a range of one. Bits behind the prefix are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AddressRange {
    address: IpAddr,
    prefix: u8,
}

impl AddressRange {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
            Some(_) => return None,
            None => bits,
        };
        (prefix <= bits).then_some(Self { address, prefix })
    }

    /// The first and the last address of the range.
    pub(crate) fn bounds(&self) -> (IpAddr, IpAddr) {
        let prefix = u32::from(self.prefix);
        match self.address {
            IpAddr::V4(own) => {
                let host = u32::MAX.checked_shr(prefix).unwrap_or(0);
                let low = own.to_bits() & !host;
                (IpAddr::V4(low.into()), IpAddr::V4((low | host).into()))
            }
            IpAddr::V6(own) => {
                let host = u128::MAX.checked_shr(prefix).unwrap_or(0);
                let low = own.to_bits() & !host;
                (IpAddr::V6(low.into()), IpAddr::V6((low | host).into()))
            }
        }
    }

    /// Whether the range holds the address. The two families never match each other.
    pub(crate) fn contains(&self, address: Address) -> bool {
        match (self.address, address.0) {
            (IpAddr::V4(range), IpAddr::V4(one)) => {
                let differing = (range.to_bits() ^ one.to_bits()).leading_zeros();
                differing >= u32::from(self.prefix)
            }
            (IpAddr::V6(range), IpAddr::V6(one)) => {
                let differing = (range.to_bits() ^ one.to_bits()).leading_zeros();
                differing >= u32::from(self.prefix)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_the_addresses_of_its_prefix() {
        let holds = |range, address| {
            AddressRange::parse(range)
                .unwrap()
                .contains(Address::parse(address).unwrap())
        };
        assert!(holds("203.0.113.0/24", "203.0.113.77"));
        assert!(holds("203.0.113.9/24", "203.0.113.77"));
        assert!(!holds("203.0.113.0/24", "203.0.114.77"));
        assert!(holds("0.0.0.0/0", "203.0.114.77"));
        assert!(holds("10.1.2.3", "10.1.2.3"));
        assert!(!holds("10.1.2.3", "10.1.2.4"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1"));
        assert!(holds("::/0", "::1"));
        assert!(!holds("::/0", "10.1.2.3"));
        for bad in [
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "x",
        ] {
            assert!(AddressRange::parse(bad).is_none(), "{bad}");
        }
    }
}
