<?xml version="1.0" encoding="utf-8"?>
<!-- SPDX-License-Identifier: BSD-3-Clause
     Four ways in which archives hand out plates, as DaCHS publishes them. make_plates.py draws the plates and says in the
     column `trouble` which of them is to fail at what.

     draper    DataLink of its own: #this is reduced, #coderived is the scan, cutouts by DaCHS's own SODA
     bache     the same, but cutouts understand POS alone and have one size, whatever size is asked for
     hamburg   scans on another web server; ObsCore's own DataLink service makes the links
     loose     FITS files behind access_url, one of them not public -->
<resource schema="plates" resdir="plates">
  <meta name="title">Drawn plates</meta>
  <meta name="description">Images that look like scans of photographic plates, to try a client on.</meta>
  <meta name="creationDate">2026-01-01T00:00:00Z</meta>
  <meta name="creator">Nobody</meta>
  <meta name="subject">photographic-plates</meta>

  <!-- Columns of every collection; DaCHS's rowmakers fill them from columns of the same name in the CSV. -->
  <STREAM id="facts">
    <column name="id" type="text" ucd="meta.id;meta.main" description="Number of the plate"/>
    <column name="title" type="text" ucd="meta.title" description="What it is"/>
    <column name="ra" type="double precision" unit="deg" ucd="pos.eq.ra;meta.main" description="Centre"/>
    <column name="dec" type="double precision" unit="deg" ucd="pos.eq.dec;meta.main" description="Centre"/>
    <column name="diagonal" type="double precision" unit="deg" ucd="phys.angSize" description="Size"/>
    <column name="outline" type="spoly" ucd="pos.outline" description="Outline"/>
    <column name="nx" type="integer" required="True" ucd="meta.number" description="Width in pixels"/>
    <column name="ny" type="integer" required="True" ucd="meta.number" description="Height in pixels"/>
    <column name="scale" type="double precision" unit="arcsec" ucd="phys.angSize;instr.pixel" description="Pixel"/>
    <column name="t_min" type="double precision" unit="d" ucd="time.start" description="Begin (MJD)"/>
    <column name="t_max" type="double precision" unit="d" ucd="time.end" description="End (MJD)"/>
    <column name="exptime" type="double precision" unit="s" ucd="time.duration" description="Exposure"/>
    <column name="telescope" type="text" ucd="instr.tel" description="Telescope"/>
    <column name="trouble" type="text" description="What is to go wrong with this plate"/>
    <column name="did" type="text" ucd="meta.ref.ivoid" description="Publisher's identifier"/>
    <index columns="did"/>
    <index columns="outline" method="GIST"/>
  </STREAM>

  <STREAM id="files">
    <column name="scan" type="text" ucd="meta.file" description="The scan"/>
    <column name="reduced" type="text" ucd="meta.file" description="The scan, binned"/>
    <column name="picture" type="text" ucd="meta.file" description="A large picture"/>
    <column name="thumb" type="text" ucd="meta.file" description="A small picture"/>
  </STREAM>

  <STREAM id="outlinemap">
    <map key="outline">pgsphere.SPoly.fromDALI([float(number) for number in @outline.split()])</map>
  </STREAM>

  <!-- A table and its import for collections that are DaCHS products behind a DataLink service. -->
  <STREAM id="linkedcollection">
    <table id="\name" onDisk="True" adql="True" mixin="//products#table">
      <meta name="description">Plates behind a DataLink service (\name).</meta>
      <meta name="_associatedDatalinkService">
        <meta name="serviceId">\service</meta>
        <meta name="idColumn">did</meta>
      </meta>
      <mixin dataproduct_type="'image'" obs_collection="'\collection'" obs_id="id" obs_title="title" calib_level="2"
        s_ra="ra" s_dec="dec" s_fov="diagonal" s_region="outline" s_xel1="nx" s_xel2="ny" s_pixel_scale="scale"
        t_min="t_min" t_max="t_max" t_exptime="exptime" em_min="3.6e-7" em_max="5e-7" o_ucd="'phot.flux.density'"
        instrument_name="telescope" facility_name="'Nowhere'">//obscore#publish</mixin>
      <FEED source="facts"/>
      <FEED source="files"/>
    </table>

    <data id="import_\name">
      <sources pattern="dachs/\name.csv"/>
      <csvGrammar>
        <rowfilter procDef="//products#define">
          <bind key="table">"plates.\name"</bind>
          <bind key="accref">"plates/\name/"+@id</bind>
          <bind key="path">"\getConfig{web}{serverURL}/plates/plates/\service/dlmeta?ID="+urllib.parse.quote_plus(getStandardPubDID("plates/\name/"+@id))</bind>
          <bind key="mime">"application/x-votable+xml;content=datalink"</bind>
          <bind key="fsize">int(@bytes)</bind>
          <bind key="preview">"plates/dachs/"+@thumb</bind>
          <bind key="preview_mime">"image/jpeg"</bind>
        </rowfilter>
      </csvGrammar>
      <make table="\name">
        <rowmaker idmaps="*">
          <FEED source="outlinemap"/>
          <map key="did">getStandardPubDID(@prodtblAccref)</map>
        </rowmaker>
      </make>
    </data>
  </STREAM>

  <!-- What both DataLink services do: find the plate's row, and list its files. -->
  <STREAM id="platelinks">
    <descriptorGenerator>
      <setup>
        <code>
          class PlateDescriptor(FITSProductDescriptor):
            suppressAutoLinks = True
        </code>
      </setup>
      <code><![CDATA[
        with base.getTableConn() as connection:
          found = list(connection.queryToDicts(
            "SELECT * FROM plates.\name WHERE did=%(did)s", {"did": pubDID}))
        if not found:
          return DatalinkFault.NotFoundFault(pubDID, "There is no such plate here")
        plate = found[0]
        if plate["trouble"]=="withdrawn":
          return DatalinkFault.NotFoundFault(pubDID, "This plate was withdrawn")
        path = "plates/dachs/"+plate["scan"]
        # The quick way to the header looks at the primary HDU alone; a packed image is in the first extension.
        descriptor = PlateDescriptor(pubDID, path, path, "image/fits", qnd=not path.endswith(".fz"))
        descriptor.plate = plate
        return descriptor
      ]]></code>
    </descriptorGenerator>

    <metaMaker>
      <setup>
        <code>
          def published(name):
            return os.path.join(base.getConfig("inputsDir"), "plates/dachs", name)
        </code>
      </setup>
      <code><![CDATA[
        plate = descriptor.plate
        small, large = "#this", "#coderived"
        if plate["trouble"]=="scan_is_this":
          small, large = large, small
        yield descriptor.makeLinkFromFile(published(plate["reduced"]), "Scan at a quarter of the resolution",
          semantics=small, service=self.parent, contentType="image/fits")
        yield descriptor.makeLinkFromFile(published(plate["scan"]), "Scan at full resolution",
          semantics=large, service=self.parent, contentType="image/fits")
        yield descriptor.makeLinkFromFile(published(plate["picture"]), "Picture of the plate",
          semantics="#preview-image", service=self.parent, contentType="image/jpeg")
        yield descriptor.makeLink(
          makeProductLink(getAccrefFromStandardPubDID(descriptor.pubDID)+"?preview=True"),
          semantics="#preview", description="Small picture of the plate", contentType="image/jpeg")
      ]]></code>
    </metaMaker>
  </STREAM>

  <FEED source="linkedcollection" name="draper" service="cutouts" collection="DRAPER PLATES"/>
  <FEED source="linkedcollection" name="bache" service="stamps" collection="BACHE PLATES"/>

  <service id="cutouts" allowed="dlmeta,dlget,dlasync,static">
    <meta name="title">Plates with cutouts</meta>
    <meta name="description">Links of a plate, and cutouts of any shape.</meta>
    <property key="staticData">dachs</property>
    <datalinkCore>
      <FEED source="platelinks" name="draper"/>
      <FEED source="//soda#fits_standardDLFuncs"/>
      <dataFunction name="fail">
        <code>
          if descriptor.plate["trouble"]=="soda_fails" and not descriptor.dataIsPristine:
            raise IOError("the shelf of this plate does not answer")
        </code>
      </dataFunction>
    </datalinkCore>
  </service>

  <service id="stamps" allowed="dlmeta,dlget,static">
    <meta name="title">Plates with stamps</meta>
    <meta name="description">Links of a plate, and cutouts of one size.</meta>
    <property key="staticData">dachs</property>
    <datalinkCore>
      <FEED source="platelinks" name="bache"/>
      <metaMaker>
        <code>
          yield MS(InputKey, name="POS", type="text", ucd="phys.angArea;obs", multiplicity="forced-single",
            description="Centre of the stamp; its size is always the same")
        </code>
      </metaMaker>
      <dataFunction procDef="//soda#fits_makeHDUList"/>
      <dataFunction>
        <setup imports="gavo.protocols.siap, gavo.utils.fitstools">
          <par key="half">250</par>
        </setup>
        <code><![CDATA[
          if args["POS"]:
            soda.ensureSkyWCS(descriptor)
            ra, dec, _ = siap.parseSIAP2Geometry(args["POS"]).asDALI()
            x, y = (int(round(float(at))) for at in descriptor.skyWCS.all_world2pix(ra, dec, 1))
            nx, ny = descriptor.plate["nx"], descriptor.plate["ny"]
            descriptor.data[0] = fitstools.cutoutFITS(descriptor.data[0],
              (1, max(1, x-half), min(nx, x+half)), (2, max(1, y-half), min(ny, y+half)))
            descriptor.dataIsPristine = False
        ]]></code>
      </dataFunction>
      <dataFormatter procDef="//soda#fits_formatHDUs"/>
    </datalinkCore>
  </service>

  <table id="hamburg" onDisk="True" adql="True">
    <meta name="description">Plates on another web server.</meta>
    <mixin dataproduct_type="'image'" obs_collection="'HAMBURG PLATES'" obs_id="id" obs_title="title" calib_level="1"
      obs_publisher_did="did" access_url="url" access_format="'image/fits'" access_estsize="bytes/1024"
      preview="preview_url" s_ra="ra" s_dec="dec" s_fov="diagonal" s_region="outline" s_xel1="nx" s_xel2="ny"
      s_pixel_scale="scale" t_min="t_min" t_max="t_max" t_exptime="exptime" em_min="3.6e-7" em_max="5e-7"
      o_ucd="'phot.flux.density'" instrument_name="telescope" facility_name="'Elsewhere'">//obscore#publish</mixin>
    <FEED source="facts"/>
    <column name="url" type="text" ucd="meta.ref.url" description="Where the scan is"/>
    <column name="preview_url" type="text" ucd="meta.ref.url;meta.preview" description="Where a picture is"/>
    <column name="bytes" type="bigint" unit="byte" ucd="phys.size" description="Size of the scan">
      <values nullLiteral="-1"/>
    </column>
  </table>

  <data id="import_hamburg">
    <sources pattern="dachs/hamburg.csv"/>
    <csvGrammar/>
    <make table="hamburg">
      <rowmaker idmaps="*">
        <FEED source="outlinemap"/>
        <map key="bytes">parseWithNull(@bytes, int, "")</map>
        <map key="did">getStandardPubDID("plates/hamburg/"+@url.split("/files/")[-1])</map>
      </rowmaker>
    </make>
  </data>

  <!-- The plates of another web server once more, as archives list them whose database does not compute with regions. -->
  <table id="texts" onDisk="True" adql="True">
    <meta name="description">Plates on another web server in terms of ObsCore, their regions as texts.</meta>
    <column name="dataproduct_type" type="text" ucd="meta.id" description="Always image"/>
    <column name="obs_collection" type="text" ucd="meta.id" description="Always one"/>
    <column name="obs_title" type="text" ucd="meta.title" description="What it is"/>
    <column name="obs_publisher_did" type="text" ucd="meta.ref.ivoid" description="Publisher's identifier"/>
    <column name="access_url" type="text" ucd="meta.ref.url" description="Where the scan is"/>
    <column name="access_format" type="text" ucd="meta.code.mime" description="Always FITS"/>
    <column name="s_ra" type="double precision" unit="deg" ucd="pos.eq.ra" description="Centre"/>
    <column name="s_dec" type="double precision" unit="deg" ucd="pos.eq.dec" description="Centre"/>
    <column name="s_fov" type="double precision" unit="deg" ucd="phys.angSize" description="Size"/>
    <column name="s_region" type="text" ucd="pos.outline" description="Outline, as numbers"/>
    <column name="t_min" type="double precision" unit="d" ucd="time.start" description="Begin (MJD)"/>
    <column name="t_max" type="double precision" unit="d" ucd="time.end" description="End (MJD)"/>
  </table>

  <data id="import_texts">
    <sources pattern="dachs/hamburg.csv"/>
    <csvGrammar/>
    <make table="texts">
      <rowmaker idmaps="t_min,t_max">
        <map key="dataproduct_type">"image"</map>
        <map key="obs_collection">"HAMBURG PLATES"</map>
        <map key="obs_title" source="title"/>
        <map key="obs_publisher_did">getStandardPubDID("plates/hamburg/"+@url.split("/files/")[-1])</map>
        <map key="access_url" source="url"/>
        <map key="access_format">"image/fits"</map>
        <map key="s_ra" source="ra"/>
        <map key="s_dec" source="dec"/>
        <map key="s_fov" source="diagonal"/>
        <map key="s_region" source="outline"/>
      </rowmaker>
    </make>
  </data>

  <!-- The same of a database that thinks for a minute and a half before its first row. -->
  <table id="slow" onDisk="True" adql="True">
    <meta name="description">Plates on another web server; each query takes 90 seconds.</meta>
    <column original="texts.dataproduct_type"/>
    <column original="texts.obs_collection"/>
    <column original="texts.obs_title"/>
    <column original="texts.obs_publisher_did"/>
    <column original="texts.access_url"/>
    <column original="texts.access_format"/>
    <column original="texts.s_ra"/>
    <column original="texts.s_dec"/>
    <column original="texts.s_fov"/>
    <column original="texts.s_region"/>
    <column original="texts.t_min"/>
    <column original="texts.t_max"/>
    <viewStatement>
      CREATE VIEW \curtable AS (
        WITH pause AS MATERIALIZED (SELECT pg_sleep(90) AS over)
        SELECT \colNames FROM \schema.texts CROSS JOIN (SELECT count(over) AS pauses FROM pause) AS begun)
    </viewStatement>
  </table>

  <data id="make_slow">
    <make table="slow"/>
  </data>

  <table id="loose" onDisk="True" adql="True" mixin="//products#table">
    <meta name="description">Plates as plain files.</meta>
    <mixin dataproduct_type="'image'" obs_collection="'LOOSE PLATES'" obs_id="id" obs_title="title" calib_level="1"
      s_ra="ra" s_dec="dec" s_fov="diagonal" s_region="outline" s_xel1="nx" s_xel2="ny" s_pixel_scale="scale"
      t_min="t_min" t_max="t_max" t_exptime="exptime" em_min="3.6e-7" em_max="5e-7" o_ucd="'phot.flux.density'"
      instrument_name="telescope" facility_name="'Nowhere'">//obscore#publish</mixin>
    <FEED source="facts"/>
  </table>

  <data id="import_loose">
    <sources pattern="dachs/loose.csv"/>
    <csvGrammar>
      <rowfilter procDef="//products#define">
        <bind key="table">"plates.loose"</bind>
        <bind key="accref">"plates/dachs/"+@scan</bind>
        <bind key="path">"plates/dachs/"+@scan</bind>
        <bind key="fsize">int(@bytes)</bind>
        <bind key="preview">"plates/dachs/"+@thumb</bind>
        <bind key="preview_mime">"image/jpeg"</bind>
        <bind key="owner">"nobody" if @trouble=="embargoed" else None</bind>
        <bind key="embargo">datetime.date(2199, 1, 1) if @trouble=="embargoed" else None</bind>
      </rowfilter>
    </csvGrammar>
    <make table="loose">
      <rowmaker idmaps="*">
        <FEED source="outlinemap"/>
        <map key="did">getStandardPubDID(@prodtblAccref)</map>
      </rowmaker>
    </make>
  </data>
</resource>
