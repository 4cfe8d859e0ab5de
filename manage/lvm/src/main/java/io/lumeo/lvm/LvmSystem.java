package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.commands.Commands;
import io.lumeo.lvm.HostState.Content;
import io.lumeo.storage.Change;
import io.lumeo.storage.ChangeLocks;
import io.lumeo.storage.Draft;
import io.lumeo.storage.Inspection;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.Plan;
import io.lumeo.storage.PlanEntry;
import io.lumeo.storage.PlanExecution;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.PlanJournal;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Moved;
import io.lumeo.storage.StorageFailure.NotFound;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageSystem;
import io.lumeo.storage.UnfinishedPlan;
import io.lumeo.storage.UsageSample;
import io.lumeo.storage.Words;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The LVM of one host: this one, or one behind ssh, as its [Commands] go.
///
/// What is decided is decided by [Planner], as a pure function of what was read; what is done is
/// done by a [PlanExecution], step by step through a [PlanJournal] in the state folder. Safe for
/// use by several threads; changes to one group run one at a time, those of other processes
/// included.
public final class LvmSystem implements StorageSystem {
  private final String name;
  private final HostWatch commands;
  private final HostCommands host;
  private final LvmReader reader;
  private final UsageReader usage;
  private final DriverRules rules;
  private final Planner planner;
  private final PlanJournal<PlanEntry<Step>> journal;
  private final ChangeLocks locks;
  private final InstantSource clock;
  private final RandomGenerator random;

  /// Inspections that run in this process, by the plan that made their clone.
  private final Set<String> inspecting = ConcurrentHashMap.newKeySet();

  private volatile @Nullable HostState known;

  /// A host's LVM.
  ///
  /// @param name unique among the systems of one state folder: letters, digits and `._-`
  /// @param commands how its commands are run, with root's rights
  /// @param stateFolder where journals and locks are kept; they survive a crash of the machine
  /// @param rules what its owner has set
  /// @param random for the names of plans
  public LvmSystem(
      String name,
      Commands commands,
      Path stateFolder,
      DriverRules rules,
      InstantSource clock,
      RandomGenerator random) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException("'%s' is not the name of a system".formatted(name));
    }
    this.name = name;
    this.commands = new HostWatch(commands);
    this.host = new HostCommands(this.commands);
    this.reader = new LvmReader(this.commands, clock);
    this.usage = new UsageReader(this.commands);
    this.rules = rules;
    this.planner = new Planner(name, rules);
    this.journal =
        PlanEntry.journal(stateFolder.resolve("plans").resolve(name), new LvmStepCodec());
    this.locks = new ChangeLocks(stateFolder.resolve("locks").resolve(name));
    this.clock = clock;
    this.random = random;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Inventory inventory() throws StorageFailure {
    var state = reader.read();
    known = state;
    commands.answers();
    return InventoryMapping.of(name, state);
  }

  /// The inventory and all that LVM and the kernel say besides, for whoever looks for what would
  /// bite. Changes nothing and keeps nothing on disk.
  public Checkup checkup() throws StorageFailure {
    var state = reader.read();
    known = state;
    commands.answers();
    return CheckupMapping.of(name, state, new BackupReader(host).read());
  }

  @Override
  public List<UsageSample> usage() throws StorageFailure {
    var state = known;
    if (state == null) {
      state = reader.read(Set.of());
      known = state;
    }
    return usage.usage(state);
  }

  // --- plans

  @Override
  public Plan plan(Change change) throws StorageFailure {
    var named = byLvmsNames(change);
    return draft(named, PlanId.at(clock.instant(), random), look(named)).plan();
  }

  /// The change with its new devices called what LVM calls them. A device has many names, and links
  /// such as those in `/dev/disk/by-id` are what its owner writes down; but what was added is
  /// looked for by the name that LVM reports.
  private Change byLvmsNames(Change change) throws StorageFailure {
    if (!(change instanceof Change.AddDevices add)) {
      return change;
    }
    for (var device : add.devices()) {
      Names.checkDevice(device);
    }
    return new Change.AddDevices(add.pool(), DeviceNames.read(host).of(add.devices()));
  }

  private HostState look(Change change) throws StorageFailure {
    return reader.read(Planner.contentWanted(change).map(Set::of).orElse(Set.of()));
  }

  private Draft<Step> draft(Change change, PlanId id, HostState state) throws StorageFailure {
    return planner.plan(state, surroundings(change, state), change, id);
  }

  /// Looks up what the change needs to know besides the host's LVM.
  private Surroundings surroundings(Change change, HostState state) throws StorageFailure {
    return switch (change) {
      case Change.AddDevices c -> new Surroundings(probe(c.devices()), Set.of(), Map.of());
      case Change.RestoreGroupMetadata c ->
          new Surroundings(Map.of(), Set.of(), backup(c.backup()));
      case Change.ExtendVolume c ->
          new Surroundings(Map.of(), missing(c.volume(), state), Map.of());
      case Change.GrowFileSystem c ->
          new Surroundings(Map.of(), missing(c.volume(), state), Map.of());
      default -> Surroundings.NONE;
    };
  }

  private Map<String, Content> probe(List<String> devices) throws StorageFailure {
    var contents = new HashMap<String, Content>();
    for (var device : devices) {
      Names.checkDevice(device);
      try {
        contents.put(device, reader.probe(device));
      } catch (StorageFailure.CommandFailed notThere) {
        throw new NotFound("%s cannot be looked at: %s".formatted(device, notThere.getMessage()));
      }
    }
    return contents;
  }

  private Map<String, String> backup(String backup) throws StorageFailure {
    Names.checkFile(backup);
    var result = host.run(Command.of("cat", rules.backupFolder().resolve(backup).toString()));
    return result.succeeded() ? Map.of(backup, result.stdout()) : Map.of();
  }

  /// Which of the programs that grow this file system the host lacks.
  private Set<String> missing(String volume, HostState state) throws StorageFailure {
    var missing = new HashSet<String>();
    var type = state.content(volume).map(Content::type).orElse("");
    for (var tool : type.equals("xfs") ? List.of("xfs_growfs") : List.of("resize2fs", "e2fsck")) {
      try {
        // They say their version and do nothing; resize2fs says how it is used.
        if (host.run(Command.of(tool, "-V")).exit() == COMMAND_NOT_FOUND) {
          missing.add(tool);
        }
      } catch (StorageFailure.CommandFailed notStarted) {
        missing.add(tool);
      }
    }
    return missing;
  }

  /// What a remote shell answers for a program it does not have.
  private static final int COMMAND_NOT_FOUND = 127;

  @Override
  public Outcome apply(Plan plan, Progress progress) throws StorageFailure {
    checkOurs(plan);
    if (plan.isEmpty()) {
      return new Outcome(plan.id(), Outcome.Result.UNCHANGED, List.of(), List.of(), List.of());
    }
    commands.checkNotStuck();
    try (var _ = locks.take(plan.pool(), "group " + plan.pool())) {
      var state = look(plan.change());
      var outcome = run(again(plan, state), state, progress);
      return withoutOldBackups(group(plan, state).name(), outcome);
    }
  }

  private PlanExecution<Step> execution(PlanEntry<Step> entry, HostState state, Progress progress) {
    var steps = new HostSteps(commands, reader, entry.draft(), state);
    return new PlanExecution<>(steps, journal, progress, entry);
  }

  private void checkOurs(Plan plan) throws NotFound {
    if (!plan.system().equals(name) || !PlanId.isOne(plan.id())) {
      throw new NotFound("the plan %s is none of %s's".formatted(Words.printable(plan.id()), name));
    }
  }

  /// Makes the plan once more from the host as it is now: guards and preconditions are looked at
  /// again, and nothing is run but what would be planned now.
  private Draft<Step> again(Plan plan, HostState state) throws StorageFailure {
    var group = group(plan, state);
    if (group.sequence() != plan.sequence()) {
      throw new Moved(
          "group %s is at sequence %d and the plan was made at %d; plan again"
              .formatted(group.name(), group.sequence(), plan.sequence()));
    }
    var draft = draft(plan.change(), new PlanId(plan.id()), state);
    if (!draft.doesTheSameAs(plan)) {
      throw new Moved("the host has changed, and the plan would be another now; plan again");
    }
    return draft;
  }

  private static GroupRow group(Plan plan, HostState state) throws NotFound {
    return state
        .report()
        .group(plan.pool())
        .orElseThrow(() -> new NotFound("the group of the plan is no longer there"))
        .group();
  }

  /// Backups that have had their time go; that they could not is no reason to call the change
  /// failed.
  private Outcome withoutOldBackups(String group, Outcome outcome) {
    try {
      int removed = removeOldBackups(group);
      return removed == 0
          ? outcome
          : outcome.alsoWith("%d old backups of %s removed".formatted(removed, group));
    } catch (StorageFailure e) {
      return outcome.alsoWith("old backups could not be removed: " + e.getMessage());
    }
  }

  private int removeOldBackups(String group) throws StorageFailure {
    var folder = rules.backupFolder();
    var listed = host.run(Command.of("ls", "-1", "--", folder.toString()));
    var old =
        BackupName.expired(
            listed.stdout().lines().toList(),
            group,
            rules.backupsKept(),
            rules.backupDays(),
            clock.instant());
    if (!old.isEmpty()) {
      var remove = new ArrayList<>(List.of("rm", "-f", "--"));
      old.forEach(file -> remove.add(folder.resolve(file).toString()));
      host.expectSuccess(Command.of(remove));
    }
    return old.size();
  }

  // --- what was begun and not ended

  @Override
  public List<UnfinishedPlan> unfinished() throws StorageFailure {
    var all = new ArrayList<UnfinishedPlan>();
    for (var entry : journal.unfinished()) {
      all.add(entry.unfinished());
    }
    for (var draft : leftClones(reader.read(Set.of()))) {
      var id = new PlanId(draft.plan().id());
      all.add(new UnfinishedPlan(draft.plan(), id.moment(), 0));
    }
    return all;
  }

  /// The clones of inspections that did not come to their end, each as the plan that removes it.
  /// That plan has the name of the one that made the clone, so it is the same whenever one looks.
  private List<Draft<Step>> leftClones(HostState state) throws StorageFailure {
    var drafts = new ArrayList<Draft<Step>>();
    for (var group : state.report().groups()) {
      for (var volume : group.volumes()) {
        var run = OwnTags.runIn(volume.tags()).filter(PlanId::isOne);
        boolean left =
            volume.tags().contains(OwnTags.VERIFY)
                && run.isPresent()
                && !inspecting.contains(run.get())
                && journal.unfinished(run.get()).isEmpty();
        if (left) {
          drafts.add(removal(state, volume, new PlanId(run.get())));
        }
      }
    }
    return drafts;
  }

  private Draft<Step> removal(HostState state, VolumeRow clone, PlanId id) throws StorageFailure {
    return planner.plan(state, Surroundings.NONE, new Change.Purge(clone.uuid()), id);
  }

  @Override
  public Outcome finish(UnfinishedPlan unfinished, Progress progress) throws StorageFailure {
    var plan = unfinished.plan();
    checkOurs(plan);
    commands.checkNotStuck();
    try (var _ = locks.take(plan.pool(), "group " + plan.pool())) {
      var entry = journal.unfinished(plan.id());
      if (entry.isPresent()) {
        return execution(entry.get(), reader.read(Set.of()), progress).finish();
      }
      if (plan.change() instanceof Change.Purge(var clone)) {
        return removeLeftClone(clone, progress);
      }
      return new Outcome(
          plan.id(), Outcome.Result.UNCHANGED, List.of(), List.of("it has ended"), List.of());
    }
  }

  @Override
  public Outcome undo(UnfinishedPlan unfinished, Progress progress) throws StorageFailure {
    var plan = unfinished.plan();
    checkOurs(plan);
    commands.checkNotStuck();
    try (var _ = locks.take(plan.pool(), "group " + plan.pool())) {
      var entry = journal.unfinished(plan.id());
      if (entry.isEmpty()) {
        throw new Refused(
            "of plan %s there is nothing to be taken back; finish it".formatted(plan.id()));
      }
      return execution(entry.get(), reader.read(Set.of()), progress).undo();
    }
  }

  private Outcome removeLeftClone(String clone, Progress progress) throws StorageFailure {
    var state = reader.read(Set.of());
    for (var draft : leftClones(state)) {
      if (draft.plan().change().equals(new Change.Purge(clone))) {
        PrivateMount.removeLeftover(host, rules.runtimeFolder().resolve(draft.plan().id()));
        return execute(reader.read(Set.of()), new Change.Purge(clone), progress);
      }
    }
    throw Site.noVolume(clone);
  }

  private Outcome execute(HostState state, Change change, Progress progress) throws StorageFailure {
    var draft = draft(change, PlanId.at(clock.instant(), random), state);
    return run(draft, state, progress);
  }

  private Outcome run(Draft<Step> draft, HostState state, Progress progress) throws StorageFailure {
    return execution(PlanEntry.begin(draft, clock.instant()), state, progress).run();
  }

  // --- inspections

  @Override
  public Inspection inspect(InspectionRequest request, Progress progress) throws StorageFailure {
    commands.checkNotStuck();
    var id = PlanId.at(clock.instant(), random);
    inspecting.add(id.text());
    try {
      var state = reader.read(Set.of(request.snapshot()));
      var site = site(state, request.snapshot(), id);
      var snapshot = site.volume(request.snapshot());
      Guards.visible(snapshot);
      Guards.isNotAPool(snapshot);
      Guards.snapshotIsValid(snapshot);
      return snapshot.isThin()
          ? inspectClone(site, snapshot, request, progress)
          : inspectReadOnly(site, snapshot, request, progress);
    } finally {
      inspecting.remove(id.text());
    }
  }

  private Site site(HostState state, String volume, PlanId id) throws StorageFailure {
    for (var group : state.report().groups()) {
      if (group.volumes().stream().anyMatch(v -> v.uuid().equals(volume))) {
        Guards.groupNameIsUsable(group.group().name());
        Guards.writable(state, group);
        return new Site(state, Surroundings.NONE, rules, id, group);
      }
    }
    throw Site.noVolume(volume);
  }

  private Inspection inspectClone(
      Site seen, VolumeRow snapshot, InspectionRequest request, Progress progress)
      throws StorageFailure {
    var clone = makeClone(seen, snapshot, progress);
    try {
      return look(seen, InspectionPlans.cloneName(seen.id()), clone, true, request, progress);
    } finally {
      removeClone(seen, clone);
    }
  }

  private String makeClone(Site seen, VolumeRow snapshot, Progress progress) throws StorageFailure {
    try (var _ = locks.take(seen.groupUuid(), seen.groupName())) {
      var state = reader.read(Set.of());
      var site = site(state, snapshot.uuid(), seen.id());
      var draft = InspectionPlans.cloneOf(name, site, site.volume(snapshot.uuid()));
      return run(draft, state, progress).volumes().getFirst();
    }
  }

  private void removeClone(Site seen, String clone) throws StorageFailure {
    boolean interrupted = Thread.interrupted();
    try (var _ = locks.take(seen.groupUuid(), seen.groupName())) {
      execute(reader.read(Set.of()), new Change.Purge(clone), Progress.none());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// A classic snapshot is looked at as it is, and nothing is written to it.
  private Inspection inspectReadOnly(
      Site site, VolumeRow snapshot, InspectionRequest request, Progress progress)
      throws StorageFailure {
    if (!snapshot.isClassicSnapshot()) {
      throw new StorageFailure.Unsupported(
          "%s is not a snapshot; take one of it and inspect that".formatted(snapshot.fullName()));
    }
    return look(site, snapshot.name(), snapshot.uuid(), false, request, progress);
  }

  private Inspection look(
      Site site,
      String volumeName,
      String volume,
      boolean writeable,
      InspectionRequest request,
      Progress progress)
      throws StorageFailure {
    var type = reader.read(Set.of(volume)).content(volume).map(Content::type).orElse("");
    try (var place = PrivateMount.open(host, rules.runtimeFolder().resolve(site.id().text()))) {
      return new ContentInspection(host, site.device(volumeName), type, writeable, place, progress)
          .inspect(request);
    }
  }
}
