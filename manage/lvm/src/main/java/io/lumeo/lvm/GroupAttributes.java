package io.lumeo.lvm;

/// The letters of `vg_attr`, from lvs(8) and `_vgstatus_disp` of lvm2: a cross-check of the named
/// fields.
///
/// @param allocation the letter of its allocation policy
/// @param clustered whether it is of the clvmd kind, which LVM itself no longer opens
record GroupAttributes(
    boolean writeable,
    boolean resizeable,
    boolean exported,
    boolean partial,
    char allocation,
    boolean clustered,
    boolean shared) {

  static GroupAttributes parse(String letters) {
    var a = new Letters(letters);
    return new GroupAttributes(
        a.is(1, 'w'),
        a.is(2, 'z'),
        a.is(3, 'x'),
        a.is(4, 'p'),
        a.at(5),
        a.is(6, 'c'),
        a.is(6, 's'));
  }
}
