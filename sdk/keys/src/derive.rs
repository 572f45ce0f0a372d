//! EIP-2333: a tree of secret keys that grows from one seed, and EIP-2334's paths in it. The
//! arithmetic is blst's, and keys are no more than their scalars here.

use std::fmt;

use blst::min_pk::SecretKey as Node;
use zeroize::Zeroizing;

/// A key's scalar, big-endian.
pub(crate) type Scalar = Zeroizing<[u8; 32]>;

/// Fewer bytes of seed make no tree: EIP-2333.
const SEED_BYTES_MIN: usize = 32;

/// What EIP-2334 has every path begin with.
const PURPOSE: u32 = 12381;
/// Tezos's number in SLIP-44, the list of coins that EIP-2334 refers to.
const TEZOS: u32 = 1729;
/// EIP-2334's last step says what a key is for. All of ours sign for an account: 0.
const USE: u32 = 0;

/// The place of a key in the tree: `m/12381/1729/ACCOUNT/0`.
///
/// There is no standard of Tezos's for words and BLS keys. This is EIP-2334's form with Tezos's number;
/// unlike those of BIP-32, each step is hardened, and none is marked as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// Which account, from 0.
    pub account: u32,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m/{PURPOSE}/{TEZOS}/{}/{USE}", self.account)
    }
}

/// The seed is too short, or blst has made an invalid scalar. Neither can happen to words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoTree;

/// The root of the tree that grows from at least 32 bytes.
pub(crate) fn master(seed: &[u8]) -> Result<Scalar, NoTree> {
    if seed.len() < SEED_BYTES_MIN {
        return Err(NoTree);
    }
    Node::derive_master_eip2333(seed).map(|node| scalar(&node)).map_err(|_| NoTree)
}

/// A key's child of that number.
fn child(parent: &Scalar, index: u32) -> Result<Scalar, NoTree> {
    let node = Node::from_bytes(&**parent).map_err(|_| NoTree)?;
    Ok(scalar(&node.derive_child_eip2333(index)))
}

/// The key at a path.
pub(crate) fn at(seed: &[u8], path: Path) -> Result<Scalar, NoTree> {
    [PURPOSE, TEZOS, path.account, USE]
        .into_iter()
        .try_fold(master(seed)?, |parent, index| child(&parent, index))
}

fn scalar(node: &Node) -> Scalar {
    Zeroizing::new(node.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seed, master key, index, child key: EIP-2333's test cases, the numbers in hexadecimal.
    const EIP_2333: [(&str, &str, u32, &str); 4] = [
        (
            "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e5349553\
             1f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04",
            "0d7359d57963ab8fbbde1852dcf553fedbc31f464d80ee7d40ae683122b45070",
            0,
            "2d18bd6c14e6d15bf8b5085c9b74f3daae3b03cc2014770a599d8c1539e50f8e",
        ),
        (
            "3141592653589793238462643383279502884197169399375105820974944592",
            "41c9e07822b092a93fd6797396338c3ada4170cc81829fdfce6b5d34bd5e7ec7",
            3_141_592_653,
            "384843fad5f3d777ea39de3e47a8f999ae91f89e42bffa993d91d9782d152a0f",
        ),
        (
            "0099ff991111002299dd7744ee3355bbdd8844115566cc55663355668888cc00",
            "3cfa341ab3910a7d00d933d8f7c4fe87c91798a0397421d6b19fd5b815132e80",
            4_294_967_295,
            "40e86285582f35b28821340f6a53b448588efa575bc4d88c32ef8567b8d9479b",
        ),
        (
            "d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
            "2a0e28ffa5fbbe2f8e7aad4ed94f745d6bf755c51182e119bb1694fe61d3afca",
            42,
            "455c0dc9fccb3395825d92a60d2672d69416be1c2578a87a7a3d3ced11ebb88d",
        ),
    ];

    #[test]
    fn the_test_cases_of_eip_2333() {
        for (seed, expected, index, expected_child) in EIP_2333 {
            let master = master(&hex::decode(seed).unwrap()).ok().unwrap();
            assert_eq!(hex::encode(*master), expected);
            let child = child(&master, index).ok().unwrap();
            assert_eq!(hex::encode(*child), expected_child);
        }
    }

    #[test]
    fn a_path_is_walked_step_by_step() {
        let seed = [7; 32];
        let path = Path { account: 3 };
        assert_eq!(path.to_string(), "m/12381/1729/3/0");
        let mut key = master(&seed).ok().unwrap();
        for step in path.to_string().split('/').skip(1) {
            key = child(&key, step.parse().unwrap()).ok().unwrap();
        }
        let walked = at(&seed, path).ok().unwrap();
        assert_eq!(walked, key);
        let other = at(&seed, Path { account: 4 }).ok().unwrap();
        assert_ne!(other, key);
    }

    #[test]
    fn a_short_seed_makes_no_tree() {
        assert_eq!(master(&[1; 31]).err(), Some(NoTree));
    }
}
